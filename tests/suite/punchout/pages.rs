//! Buying on the console's pages: from the shop to a received asset, and who sees nothing of it.

use habeo_core::access::Role;
use habeo_punchout::simulator::ship::{Packed, Piece, Shipment};
use habeo_punchout::simulator::{Decimal, Leaving};
use habeo_tests::app::Answer;
use habeo_tests::builders::Member;
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};

use super::{Market, led_to};

const PART: &str = "QLN-14-16-512";

/// What stands in a page between two texts.
#[track_caller]
fn between(page: &str, before: &str, after: &str) -> String {
    let found = page
        .split_once(before)
        .and_then(|(_, rest)| rest.split_once(after));
    let (text, _) = found.unwrap_or_else(|| panic!("{before}\n{page}"));
    text.to_owned()
}

#[track_caller]
fn leads(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap_or_default().to_owned()
}

/// A requisition that came back from the shop, by the page of the buyer.
async fn requisition(market: &Market, tab: &mut Tab<'_>) -> String {
    let page = tab.get("/procurement").await.text();
    assert!(
        page.contains("Larkmoor") && page.contains("Go to the shop"),
        "{page}"
    );
    let (supplier, unit) = (
        market.supplier.to_string(),
        market.college.units.physics.to_string(),
    );
    let fields = [
        ("supplier", &*supplier),
        ("unit", &*unit),
        ("cost_centre", "CC-7"),
    ];
    let go = tab.post("/procurement/shop", &fields).await;
    assert_eq!(go.status, 200, "{}", go.text());
    assert!(
        go.text().contains("http-equiv=\"refresh\""),
        "{}",
        go.text()
    );
    let session = must(market.shop.last_session().ok_or("no visit")).id;
    must(market.shop.put(&session, PART, Decimal::whole(2)));
    let visit = led_to(&market.leave(&session, Leaving::WithCart).await);
    let cart = tab.get(&format!("/procurement/carts/{visit}")).await.text();
    assert!(
        cart.contains("Your cart is here") && cart.contains("PunchOutOrderMessage"),
        "{cart}"
    );
    let id = between(&cart, "/procurement/requisitions/", "\"");
    format!("/procurement/requisitions/{id}")
}

async fn approver(market: &Market) -> Member {
    let roles = [(Role::UnitAdmin, market.college.units.science)];
    market
        .college
        .member("Ada Example", market.college.units.science, &roles)
        .await
}

both_engines! {
    async fn a_purchase_is_made_on_pages_alone(db: TestDb) {
        let market = Market::open(&db).await;
        market.listens().await;
        let mut buyer = Tab::of(&market.app, &market.buyer).await;
        let chief = approver(&market).await;
        let mut chief = Tab::of(&market.app, &chief).await;
        let path = requisition(&market, &mut buyer).await;

        // Handed in as it was shown; what was not shown is refused.
        let page = buyer.get(&path).await.text();
        assert!(page.contains("What the supplier sent") && page.contains("2 assets"), "{page}");
        let digest = between(&page, "name=\"digest\" value=\"", "\"");
        let stale = buyer.post(&format!("{path}/submit"), &[("digest", "00")]).await;
        assert_eq!(stale.status, 409, "{}", stale.text());
        let submit = [("digest", &*digest)];
        let handed_in = leads(&buyer.post(&format!("{path}/submit"), &submit).await);
        assert_eq!(handed_in, format!("{path}?said=requisition_submitted"));
        assert_eq!(leads(&buyer.post(&format!("{path}/submit"), &submit).await), handed_in);

        // Nobody approves their own; somebody else does, once.
        let yes = [("digest", &*digest), ("decision", "approve")];
        assert_eq!(buyer.post(&format!("{path}/decide"), &yes).await.status, 403);
        assert!(chief.get("/procurement").await.text().contains("Waiting for you"));
        let page = chief.get(&path).await.text();
        assert!(page.contains("Your decision"), "{page}");
        // What exactly came from the shop opens to whoever decides on it.
        let cart = format!("/procurement/carts/{}", between(&page, "/procurement/carts/", "\""));
        let trace = chief.get(&cart).await;
        assert_eq!(trace.status, 200, "{}", trace.text());
        assert!(trace.text().contains("PunchOutOrderMessage"), "{}", trace.text());
        leads(&chief.post(&format!("{path}/decide"), &yes).await);
        assert!(!chief.get(&path).await.text().contains("Your decision"));

        // Ordered once, and shipped.
        buyer.get(&path).await;
        let order = leads(&buyer.post(&format!("{path}/order"), &[]).await);
        assert!(order.starts_with("/procurement/orders/"), "{order}");
        assert_eq!(buyer.post(&format!("{path}/order"), &[]).await.status, 409);
        for _ in 0..3 {
            must(market.app.app.worker().deliver_due().await);
        }
        let order = must(order.split('?').next().ok_or("no path")).to_owned();
        let page = buyer.get(&order).await.text();
        assert!(page.contains("PO-000001") && page.contains("taken in by the supplier"), "{page}");
        let units = ["LK0001", "LK0002"].map(|serial| Piece {
            serial: Some(serial.to_owned()),
            ..Piece::default()
        });
        let shipment = Shipment {
            id: Some("BOX-1".to_owned()),
            lines: vec![Packed { line: 1, quantity: Decimal::whole(2), unit: None, units: units.to_vec() }],
            ..Shipment::default()
        };
        must(market.shop.ship("PO-000001", shipment).await);

        // Received by scan: the box, then a piece with serial number and label.
        let page = buyer.get("/procurement/receiving").await.text();
        assert!(page.contains("2 of 2 to come"), "{page}");
        let form = leads(&buyer.get("/procurement/receiving?code=box-1").await);
        assert!(form.starts_with(&format!("{order}/receive?shipment=")), "{form}");
        let page = buyer.get(&form).await.text();
        assert!(page.contains("LK0001"), "{page}");
        let shipment = must(form.split_once("shipment=").ok_or("no shipment")).1.to_owned();
        let receive = format!("{order}/receive");
        let other = buyer.post(&receive, &[("once", "a"), ("shipment", &*shipment), ("serial", "XX9999"), ("tag", "WM-1001"), ("line", "1")]).await;
        assert_eq!(other.status, 422, "{}", other.text());
        assert!(other.text().contains("was not announced"), "{}", other.text());
        let scanned = |once: &'static str, serial: &'static str, tag: &'static str| [("once", once), ("shipment", &*shipment), ("serial", serial), ("tag", tag)];
        // A scanner's Enter after the first code receives nothing: the label is asked for.
        let half = buyer.post(&receive, &scanned("b", "lk0001", "")).await;
        assert_eq!(half.status, 422, "{}", half.text());
        assert!(half.text().contains("Now scan the label") && half.text().contains("value=\"lk0001\""), "{}", half.text());
        let first = scanned("b", "lk0001", "WM-1001");
        assert!(leads(&buyer.post(&receive, &first).await).contains("said=received&"));
        assert!(leads(&buyer.post(&receive, &first).await).contains("said=received&"), "pressed twice, it is received once");
        assert_eq!(buyer.post(&receive, &scanned("c", "lk0001", "WM-1001")).await.status, 422, "a piece is received once");
        assert_eq!(buyer.post(&receive, &scanned("b", "LK0002", "WM-1002")).await.status, 422, "a form says one thing");
        assert!(leads(&buyer.post(&receive, &scanned("d", "LK0002", "WM-1002")).await).contains("said=received_all"));
        // What went to and fro is there to be read, without secrets.
        let page = buyer.get(&format!("{order}/documents")).await.text();
        assert!(page.contains("Ship notice") && page.contains("applied") && page.contains("Version 1, new"), "{page}");
        let document = format!("{order}/documents/{}", between(&page, &format!("{order}/documents/"), "\""));
        let shown = buyer.get(&document).await.text();
        assert!(shown.contains("ShipNoticeRequest") && shown.contains("LK0001"), "{shown}");
        let file = buyer.get(&format!("{document}/body")).await;
        assert!(file.header("content-disposition").is_some_and(|it| it.starts_with("attachment")), "{}", file.text());
        let letter = buyer.get(&format!("{order}/sent/1")).await;
        assert!(letter.status == 200 && letter.text().contains("OrderRequest"), "{}", letter.text());
        let stocked = "SELECT CAST(COUNT(*) AS BIGINT) FROM asset WHERE state = 'in_stock' AND serial_norm IN ('LK0001', 'LK0002')";
        assert_eq!(db.raw().await.number(stocked).await, 2);
    }

    async fn nobody_else_sees_a_purchase(db: TestDb) {
        let market = Market::open(&db).await;
        let mut buyer = Tab::of(&market.app, &market.buyer).await;
        let path = requisition(&market, &mut buyer).await;
        let history = market.college.units.history;
        let roles = [(Role::Procurement, history)];
        let other = market.college.member("Kim Example", history, &roles).await;
        let mut other = Tab::of(&market.app, &other).await;
        assert!(!other.get("/procurement").await.text().contains(&path));
        let visit = between(&buyer.get(&path).await.text(), "/procurement/carts/", "\"");
        for hidden in [path.clone(), format!("/procurement/carts/{visit}"), "/procurement/requisitions/x".to_owned()] {
            assert_eq!(other.get(&hidden).await.status, 404, "{hidden}");
            assert_eq!(leads(&Tab::new(&market.app).get(&hidden).await).split('?').next(), Some("/sign-in"));
        }
        for action in ["submit", "withdraw", "reopen", "order", "decide", "shop"] {
            let fields = [("digest", "00"), ("decision", "approve"), ("operation", "edit")];
            let answer = other.post(&format!("{path}/{action}"), &fields).await;
            assert_eq!(answer.status, 404, "{action}: {}", answer.text());
        }
        assert_eq!(other.get("/admin/suppliers").await.status, 403);
    }
}
