//! The other protocol: a form goes there, a form comes back, and the visit's key is in its address or its fields.

use habeo_core::supplier::command::{CreateSupplier, SetCallUp};
use habeo_core::supplier::{Operation, Protocol};
use habeo_punchout::start::{StartPage, start};
use habeo_tests::app::Answer;
use habeo_tests::{both_engines, must};
use secrecy::{ExposeSecret as _, SecretString};

use super::{FORM, Market, NAVIGATES, led_to, master_key, settings};

/// The catalogue of the market's shop, called up. The answer is the way back, as a path of ours.
async fn called_up(market: &Market) -> (String, Vec<(String, String)>) {
    let mut chosen = settings(&market.shop);
    chosen.setup_url = market.shop.oci_url();
    chosen.theirs = Vec::new();
    let ledger = &market.college.db.ledger;
    let new = CreateSupplier {
        protocol: Protocol::Oci,
        name: "Larkmoor by form".to_owned(),
        settings: chosen,
        master_key: master_key(),
    };
    let (supplier, _) = must(ledger.record(&market.college.access, new).await);
    let fields = SetCallUp {
        supplier,
        fields: vec![("USERNAME".to_owned(), SecretString::from("westmark"))],
        master_key: master_key(),
    };
    must(ledger.record(&market.college.access, fields).await);
    let mut wanted = market.wanted(Operation::Create, None);
    wanted.supplier = supplier;
    let access = market.as_buyer().await;
    let visit = must(start(&market.app.app.punchout, &access, wanted).await);
    let StartPage::Form(form) = visit.page else {
        panic!("no form")
    };
    assert_eq!(form.action, market.shop.oci_url());
    let page = form.page("/console.css");
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap_or_default()
        .to_owned();
    // Shops redirect to wherever they like, and browsers hold that against the policy of the page with the form.
    assert!(policy.ends_with("form-action https: http:"), "{policy}");
    let secure = habeo_punchout::start::call_up::Form {
        action: "https://shop.example.com/oci".to_owned(),
        ..form.clone()
    };
    let page = secure.page("/console.css");
    let policy = page.headers()["content-security-policy"].to_str();
    assert!(policy.is_ok_and(|it| it.ends_with("form-action https:")));
    let fields: Vec<(String, String)> = form
        .fields
        .iter()
        .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
        .collect();
    let hook = fields.iter().find(|(name, _)| name == "HOOK_URL");
    let hook = must(hook.ok_or("no way back")).1.clone();
    let path = must(
        hook.find("/api/")
            .map(|at| hook[at..].to_owned())
            .ok_or(hook),
    );
    (path, fields)
}

fn item(index: usize, price: &str, per: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair(&format!("NEW_ITEM-DESCRIPTION[{index}]"), "a cable")
        .append_pair(&format!("NEW_ITEM-QUANTITY[{index}]"), "5")
        .append_pair(&format!("NEW_ITEM-UNIT[{index}]"), "EA")
        .append_pair(&format!("NEW_ITEM-PRICE[{index}]"), price)
        .append_pair(&format!("NEW_ITEM-PRICEUNIT[{index}]"), per)
        .append_pair(&format!("NEW_ITEM-CURRENCY[{index}]"), "USD")
        .append_pair(
            &format!("NEW_ITEM-VENDORMAT[{index}]"),
            &format!("C-{index}"),
        )
        .finish()
}

async fn post(market: &Market, path: &str, body: String) -> Answer {
    let call = market.app.post(path).header("content-type", FORM);
    call.header(NAVIGATES.0, NAVIGATES.1)
        .body(body)
        .send()
        .await
}

both_engines! {
    /// The price is for as many as the shop says; the same form again is the same cart, another one is not taken.
    async fn a_form_comes_back_by_the_key_in_its_address(db: TestDb) {
        let market = Market::open(&db).await;
        let (path, fields) = called_up(&market).await;
        assert!(fields.iter().any(|(name, value)| name == "USERNAME" && value == "westmark"));
        let body = format!("{}&{}", item(1, "10.00", "100"), item(4, "2.50", ""));
        let visit = led_to(&post(&market, &path, body.clone()).await);
        assert_eq!(led_to(&post(&market, &path, body).await), visit);
        assert_eq!(post(&market, &path, item(1, "9.00", "1")).await.status, 409);
        let made = market.requisitions().await;
        assert_eq!(made.len(), 1);
        assert_eq!((made[0].lines, made[0].total.plain().to_string().as_str()), (2, "13"));
    }

    /// A shop may have taken the address apart: then the key is in the query, or in a field.
    async fn the_key_may_be_in_query_or_field(db: TestDb) {
        let market = Market::open(&db).await;
        for way in ["query", "field"] {
            let (path, _) = called_up(&market).await;
            let key = must(path.rsplit('/').next().ok_or("no key")).to_owned();
            let answer = match way {
                "query" => post(&market, &format!("/api/punchout/return?key={key}&x=1"), item(1, "1", "")).await,
                _ => post(&market, "/api/punchout/return", format!("{}&key={key}", item(1, "1", ""))).await,
            };
            led_to(&answer);
        }
        assert_eq!(market.requisitions().await.len(), 2);
    }

    /// Nothing chosen and an unknown key: no cart either way, and nothing that tells more.
    async fn nothing_chosen_makes_nothing(db: TestDb) {
        let market = Market::open(&db).await;
        let (path, _) = called_up(&market).await;
        assert_eq!(post(&market, "/api/punchout/return/nobody-has-this-key", item(1, "1", "")).await.status, 404);
        let comma = post(&market, &path, item(1, "1,149", "")).await;
        assert_eq!(comma.status, 400, "{}", comma.text());
        led_to(&post(&market, &path, String::new()).await);
        assert!(market.requisitions().await.is_empty());
    }

    /// An administrator enters the log-in on the supplier's page; it goes with the call-up, and is not shown there again.
    async fn a_log_in_is_entered_on_the_suppliers_page(db: TestDb) {
        let market = Market::open(&db).await;
        let ledger = &market.college.db.ledger;
        let mut chosen = settings(&market.shop);
        chosen.setup_url = market.shop.oci_url();
        chosen.theirs = Vec::new();
        let new = CreateSupplier { protocol: Protocol::Oci, name: "Larkmoor by form".to_owned(), settings: chosen, master_key: master_key() };
        let (supplier, _) = must(ledger.record(&market.college.access, new).await);
        let root = market.college.units.root;
        let admin = market.college.member("Robin Example", root, &[(habeo_core::access::Role::OrgAdmin, root)]).await;
        let mut tab = habeo_tests::tab::Tab::of(&market.app, &admin).await;
        let path = format!("/admin/suppliers/{supplier}");
        assert!(tab.get(&path).await.text().contains("Log-in of the catalogue"));
        let fields = [("user_field", "USERNAME"), ("user", "westmark"), ("password_field", "PASSWORD"), ("password", "s3cret-of-ours"), ("more", "CUSTOMER=4711")];
        let done = tab.post(&format!("{path}/login"), &fields).await;
        assert_eq!(done.header("location"), Some(&*format!("{path}?said=call_up_kept")), "{}", done.text());
        let page = tab.get(&path).await.text();
        assert!(page.contains("<code>PASSWORD</code>") && page.contains("<code>CUSTOMER</code>"), "{page}");
        assert!(!page.contains("s3cret-of-ours") && !page.contains("4711</"), "{page}");
        let mut wanted = market.wanted(Operation::Create, None);
        wanted.supplier = supplier;
        let access = market.as_buyer().await;
        let visit = must(start(&market.app.app.punchout, &access, wanted).await);
        let StartPage::Form(form) = visit.page else { panic!("no form") };
        let sent = |name: &str| form.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose_secret().to_owned());
        assert_eq!((sent("PASSWORD").as_deref(), sent("CUSTOMER").as_deref()), (Some("s3cret-of-ours"), Some("4711")));
    }
}
