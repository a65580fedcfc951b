//! Who approves what is bought, on the console's pages: limits of units, and who approves in whose place.

use std::net::SocketAddr;

use anyhow::Result;
use habeo_core::access::Role;
use habeo_core::approval::store;
use habeo_core::time::DAY_MICROS;
use habeo_server::listen::Bound;
use habeo_tests::app::TestApp;
use habeo_tests::browser::in_browser;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::tab::{Tab, hidden};
use habeo_tests::{both_engines, must};
use thirtyfour::Key;

use super::browser::{fits, found, frontend};

const LIMITS: &str = "/admin/approvals";
const OWN: &str = "/procurement/delegations";

async fn policies(college: &College) -> Vec<String> {
    let mut tx = college.db.read(&college.access).await;
    let all = must(store::policies(&mut tx, &college.access).await);
    all.iter()
        .map(|one| {
            one.limits
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        })
        .collect()
}

both_engines! {
    /// Limits are set, shown, given back to the unit above, and refused by the line; they are for administrators of the whole.
    async fn limits_are_set_by_administrators(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let root = college.units.root;
        let admin = college.member("Robin Example", root, &[(Role::OrgAdmin, root)]).await;
        let mut tab = Tab::of(&app, &admin).await;
        let page = tab.get(LIMITS).await.text();
        assert!(page.contains("No unit has limits yet"), "{page}");
        let unit = college.units.science.to_string();
        let fields = |how: &'static str, amounts: &'static str| [("unit", unit.clone()), ("how", how.to_owned()), ("amounts", amounts.to_owned())];
        let set = async |tab: &mut Tab<'_>, how, amounts| {
            let fields = fields(how, amounts);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            tab.post(LIMITS, &fields).await
        };
        let done = set(&mut tab, "limits", "USD 5000\r\neur 400.50").await;
        assert_eq!(done.header("location"), Some("/admin/approvals?said=limits"), "{}", done.text());
        assert_eq!(policies(&college).await, ["EUR 400.5, USD 5000"]);
        let page = tab.get(&format!("{LIMITS}?unit={unit}")).await.text();
        assert!(page.contains("up to EUR 400.5, USD 5000") && page.contains("EUR 400.5\nUSD 5000</textarea>"), "{page}");
        let bad = set(&mut tab, "limits", "USD 5000\r\nfive").await;
        assert_eq!(bad.status, 422);
        assert!(bad.text().contains("Line 2: write a currency and an amount") && bad.text().contains("USD 5000\r\nfive"), "{}", bad.text());
        assert_eq!(set(&mut tab, "limits", "USD 1\r\nUSD 2").await.status, 422, "a currency once");
        set(&mut tab, "two", "").await;
        assert_eq!(policies(&college).await, [""]);
        assert!(tab.get(LIMITS).await.text().contains("two people approve everything"));
        set(&mut tab, "inherit", "").await;
        assert!(policies(&college).await.is_empty());
        let unit_admin = college.member("Uma Example", root, &[(Role::UnitAdmin, college.units.science)]).await;
        let mut other = Tab::of(&app, &unit_admin).await;
        assert_eq!(other.get(LIMITS).await.status, 403);
        assert_eq!(set(&mut other, "two", "").await.status, 403);
        assert!(policies(&college).await.is_empty());
    }

    /// An approver asks somebody by name or address; a form that is sent twice asks once; both they and administrators end it.
    async fn an_approver_lets_somebody_approve_in_their_place(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (root, science) = (college.units.root, college.units.science);
        let holder = college.member("Uma Example", science, &[(Role::UnitAdmin, science)]).await;
        let stand_in = college.member("Ian Standin", science, &[]).await;
        let twin = college.member("Ian Standby", science, &[]).await;
        college.member("Eve Elsewhere", college.units.arts, &[]).await;
        let mut tab = Tab::of(&app, &holder).await;
        let page = tab.get(OWN).await.text();
        let once = must(hidden(&page, "once").ok_or("the form has a name"));
        let (since, until) = (must(hidden_date(&page, "since")), must(hidden_date(&page, "until")));
        let give = async |tab: &mut Tab<'_>, who: &str, person: &str, once: &str| {
            tab.post(OWN, &[("who", who), ("person", person), ("since", &since), ("until", &until), ("once", once)]).await
        };
        let several = give(&mut tab, "ian", "", &once).await;
        assert_eq!(several.status, 422);
        assert!(several.text().contains("Several people have this name") && several.text().contains("Ian Standby"), "{}", several.text());
        for nobody in ["eve", "", "nobody@example.edu"] {
            assert_eq!(give(&mut tab, nobody, "", &once).await.status, 422, "{nobody}");
        }
        for _ in 0..2 {
            let done = give(&mut tab, "ian", &stand_in.person.to_string(), &once).await;
            assert_eq!(done.header("location"), Some("/procurement/delegations?said=delegated"), "{}", done.text());
        }
        let access = college.access_as(holder.person).await;
        let mut tx = db.read(&access).await;
        let given = must(store::given(&mut tx, &access).await);
        drop(tx);
        assert_eq!(given.len(), 1, "the form was sent twice");
        assert!((7..=8).contains(&((given[0].ends_at.micros() - given[0].starts_at.micros()) / DAY_MICROS)));
        let reused = give(&mut tab, "ian", &twin.person.to_string(), &once).await;
        assert_eq!(reused.status, 422, "{}", reused.text());
        let page = tab.get(OWN).await.text();
        assert!(page.contains("Ian Standin") && page.contains("holds"), "{page}");
        let mut theirs = Tab::of(&app, &stand_in).await;
        let page = theirs.get(OWN).await.text();
        assert!(page.contains("You approve in the place of <strong>Uma Example</strong>") && page.contains("You approve nothing by a role of your own"), "{page}");
        let end = format!("{OWN}/{}/end", given[0].id);
        assert_eq!(theirs.post(&end, &[]).await.status, 404, "it is not theirs to end");
        let admin = college.member("Robin Example", root, &[(Role::OrgAdmin, root)]).await;
        let mut admin = Tab::of(&app, &admin).await;
        let page = admin.get(LIMITS).await.text();
        assert!(page.contains("End: Ian Standin in the place of Uma Example"), "{page}");
        let done = admin.post(&end, &[]).await;
        assert_eq!(done.header("location"), Some("/admin/approvals?said=delegation_ended"), "{}", done.text());
        assert!(tab.get(OWN).await.text().contains("ended"));
        let requester = give(&mut theirs, "uma", "", &once).await;
        assert_eq!(requester.status, 422, "whoever approves nothing has nobody to name: {}", requester.text());
    }
}

/// What a date field of a page holds.
fn hidden_date(page: &str, name: &str) -> Result<String> {
    hidden(page, name).ok_or_else(|| anyhow::anyhow!("no field {name}"))
}

async fn visited(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let root = college.units.root;
    let roles = [(Role::OrgAdmin, root)];
    let member = college.member("Robin Example", root, &roles).await;
    college.member("Ian Standin", root, &[]).await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let bound = must(Bound::to(SocketAddr::from(([127, 0, 0, 1], 0))).await);
    let origin = format!("http://{}", bound.address());
    let variables = [
        ("HABEO_CLERK_FRONTEND_URL", issuer.as_str()),
        ("HABEO_PUBLIC_URL", &origin),
    ];
    let app = TestApp::configured(&db, &variables).await;
    app.listen_at(bound);
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&format!("{origin}{OWN}")).await?;
        let who = found(browser, "#who").await?;
        who.send_keys("Ian" + Key::Enter).await?;
        found(browser, "#given").await?;
        fits(browser, "delegations").await?;
        browser.size(360, 800).await?;
        fits(browser, "delegations-narrow").await?;
        browser.open(&format!("{origin}{LIMITS}")).await?;
        found(browser, "#amounts")
            .await?
            .send_keys("USD 5000")
            .await?;
        found(browser, "form[action='/admin/approvals'] button")
            .await?
            .click()
            .await?;
        let said = found(browser, ".said").await?.text().await?;
        assert!(
            said.starts_with("The limits of approval are saved."),
            "{said}"
        );
        fits(browser, "approvals-narrow").await?;
        browser.size(1280, 900).await?;
        fits(browser, "approvals").await?;
        assert_eq!(browser.console_messages().await?.len(), 0);
        Ok(())
    })
    .await
}

#[test]
fn limits_and_delegations_work_in_a_real_browser() {
    on_sqlite(async |db| must(visited(db).await));
}
