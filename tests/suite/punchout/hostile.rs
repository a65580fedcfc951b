//! What nobody should send: refused by code and place, nothing fetched, nothing kept of strangers, and no secret anywhere.

use std::path::PathBuf;

use habeo_core::punchout::store;
use habeo_core::supplier::Operation;
use habeo_tests::{both_engines, must};
use poem::http::Method;

use super::returns::cart_of;
use super::{FORM, Market, NAVIGATES, field, master_key};

const COOKIE: &str = "pbJ1x0y8m3s5Zk2Qw9Rt7A";

/// The fixtures, where they lie beside the project.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/fixtures/cxml/composed/hostile");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|it| it == "xml") {
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push((name, must(std::fs::read(entry.path()))));
        }
    }
    found
}

both_engines! {
    /// Through the real route, in every way by which documents come: never a fault of ours, never a redirect to a cart, nothing recorded.
    async fn hostile_documents_end_at_the_door(db: TestDb) {
        let market = Market::open(&db).await;
        for (name, bytes) in fixtures() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let posts = [
                market.post("text/xml", bytes.clone(), &[]).await,
                market.post(FORM, field("cXML-urlencoded", &text), &[NAVIGATES]).await,
            ];
            market.app.wait_seconds(61);
            for answer in posts {
                assert!(!answer.status.is_server_error(), "{name}: {}", answer.text());
                assert_ne!(answer.status, 303, "{name}");
                assert!(!answer.text().contains("root:"), "{name}");
            }
        }
        assert_eq!(market.entries("punchout.returned").await, 0);
        assert_eq!(market.requisitions().await.len(), 0);
    }

    /// The damage within a good visit is named by code, line and path, kept for the trace, and leaves the visit open.
    async fn damage_is_named_and_leaves_the_visit_open(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        let form = must(market.shop.buyer_form(&session, habeo_punchout::simulator::Leaving::Empty).ok_or("no form"));
        let cookie = must(form.fields[0].1.split("<BuyerCookie>").nth(1).and_then(|it| it.split('<').next()).ok_or("no cookie")).trim().to_owned();
        let good = cart_of(&cookie);
        for (what, text, status, code) in [
            ("comma", good.replace("quantity=\"1\"", "quantity=\"1,000\""), 400, "bad_quantity"),
            ("price", good.replace(">10.00</Money></UnitPrice>", ">1,149</Money></UnitPrice>"), 400, "bad_amount"),
            ("currency", good.replace("<UnitPrice><Money currency=\"USD\">", "<UnitPrice><Money currency=\"US\">"), 400, "bad_currency"),
            ("entity", good.replace("a thing", "a&reg;thing"), 400, "undeclared_entity"),
            ("twice", good.replace("quantity=\"1\"", "quantity=\"1\" quantity=\"2\""), 400, "duplicate_attribute"),
            ("open", good.replace("</cXML>", ""), 400, "unclosed_element"),
            ("part", good.replace("<SupplierPartID>A-1</SupplierPartID>", ""), 400, "missing_element"),
            ("meant", good.replace("<Message>", "<Message deploymentMode=\"test\">"), 409, "deployment_mode_mismatch"),
        ] {
            let answer = market.post(FORM, field("cXML-urlencoded", &text), &[NAVIGATES]).await;
            assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text());
            assert!(answer.text().contains(code), "{what}: {}", answer.text());
            assert!(answer.text().contains("Larkmoor"), "{what}");
        }
        assert_eq!(market.requisitions().await.len(), 0);
        let led = market.post(FORM, field("cXML-urlencoded", &good), &[NAVIGATES]).await;
        assert_eq!(led.status, 303, "{}", led.text());
        assert_eq!(market.requisitions().await.len(), 1);
    }

    /// What is written in a cart is text, wherever it is shown.
    async fn words_of_a_supplier_are_never_markup(db: TestDb) {
        let market = Market::open(&db).await;
        let text = cart_of("nobody").replace("quantity=\"1\"", "quantity=\"&lt;script&gt;alert(1)&lt;/script&gt;\"").replace("<BuyerCookie>nobody</BuyerCookie>", "");
        let answer = market.post(FORM, field("cXML-urlencoded", &text), &[NAVIGATES]).await;
        assert_eq!(answer.status, 400);
        assert!(!answer.text().contains("<script"), "{}", answer.text());
    }

    /// A secret that a supplier puts into the browser's document is nowhere: not in tables, not in entries, not in the trace.
    async fn a_secret_in_a_cart_is_kept_nowhere(db: TestDb) {
        const PLANTED: &str = "PLANTED-s3cr3t-8841";
        let market = Market::open(&db).await;
        let session = market.enter().await;
        let form = must(market.shop.buyer_form(&session, habeo_punchout::simulator::Leaving::Empty).ok_or("no form"));
        let cookie = must(form.fields[0].1.split("<BuyerCookie>").nth(1).and_then(|it| it.split('<').next()).ok_or("no cookie")).trim().to_owned();
        let secret = format!("</Identity><SharedSecret>{PLANTED}</SharedSecret></Credential><UserAgent>");
        let text = cart_of(&cookie).replace("</Identity></Credential><UserAgent>", &secret);
        let answer = market.post(FORM, field("cXML-urlencoded", &text), &[NAVIGATES]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry").await.concat();
        assert!(!entries.contains(PLANTED) && !entries.contains(&cookie));
        let lines = db.raw().await.texts("SELECT COALESCE(raw, '') FROM requisition_line").await.concat();
        assert!(!lines.contains(PLANTED));
        let access = market.as_buyer().await;
        let mut tx = db.read(&access).await;
        let visits = must(store::of_person(&mut tx, &access, market.buyer.person, 1).await);
        let kept = must(store::documents(&mut tx, &access, visits[0].id, db.clock_now()).await);
        assert!(kept.iter().any(|it| it.warnings.iter().any(|it| it.code == "secret_in_browser_document")));
        for one in kept {
            let at = (visits[0].id, one.id);
            let body = must(store::body(&mut tx, &access, at, &master_key(), db.clock_now()).await);
            let text = String::from_utf8_lossy(&must(body.ok_or("no text"))).into_owned();
            assert!(!text.contains(PLANTED) && !text.contains(&cookie), "{text}");
        }
    }

    /// Too large is told on a page; the door says no to what is no POST.
    async fn bounds_are_told(db: TestDb) {
        let market = Market::open(&db).await;
        let large = "x".repeat(8 * 1024 * 1024 + 1);
        let answer = market.post(FORM, field("cXML-urlencoded", &large), &[NAVIGATES]).await;
        assert_eq!(answer.status, 413);
        assert!(answer.text().contains("body_too_large"), "{}", answer.text());
        let attributes = (0..100_000).fold(String::new(), |text, it| text + " a" + it.to_string().as_str() + "=\"1\"");
        let many = cart_of(COOKIE).replace("<ItemIn quantity", &format!("<ItemIn{attributes} quantity"));
        let answer = market.post("text/xml", many.into_bytes(), &[]).await;
        assert_eq!(answer.status, 200, "a program posted it");
        let get = market.app.request(Method::GET, "/api/punchout/return").send().await;
        assert_eq!(get.status, 405);
        let nothing = market.post(FORM, Vec::new(), &[NAVIGATES]).await;
        assert_eq!(nothing.status, 400);
        assert!(nothing.text().contains("empty_document"), "{}", nothing.text());
        let inspect = market.start(Operation::Create, None).await;
        assert!(inspect.expires_at > db.clock_now());
    }
}
