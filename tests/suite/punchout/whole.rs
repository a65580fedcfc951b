//! The whole way: shop → cart → approval → order → confirmation → two shipments → receiving by scan → invoice → assets that know where they are
//! from. Every step is done twice, and nothing is doubled.

use habeo_core::access::{Access, Role};
use habeo_core::approval::Limit;
use habeo_core::approval::command::SetLimits;
use habeo_core::exact::Exact;
use habeo_core::idempotency::{Key, Once};
use habeo_core::ledger::rebuild;
use habeo_core::order::command::Place;
use habeo_core::order::receive::{Receive, Scanned};
use habeo_core::order::{Order, Transmission, UnitState, lineage, store as orders};
use habeo_core::requisition::command::{Approve, Submit};
use habeo_core::supplier::command::Configure;
use habeo_core::text::Tag;
use habeo_core::time::HOUR_MICROS;
use habeo_punchout::simulator::confirm::Confirmation;
use habeo_punchout::simulator::invoice::Purpose;
use habeo_punchout::simulator::ship::{Packed, Piece, Shipment};
use habeo_punchout::simulator::{Decimal, Leaving, Outcome, Sent};
use habeo_tests::{both_engines, must};

use super::{Market, led_to};

const PART: &str = "QLN-14-16-512";

#[track_caller]
fn accepted(sent: &Sent) {
    let is_good = matches!(sent.outcome, Outcome::Status { code: 200, .. });
    assert!(
        is_good,
        "{} was answered {:?}\n{}",
        sent.kind, sent.outcome, sent.body
    );
}

async fn order(market: &Market, access: &Access) -> Order {
    let mut tx = market.college.db.read(access).await;
    let page = orders::page(
        &mut tx,
        access,
        orders::Filter::default(),
        None,
        habeo_core::page::Limit::default(),
    );
    let found = must(page.await);
    assert_eq!(found.rows.len(), 1);
    must(must(orders::by_id(&mut tx, access, found.rows[0].id).await).ok_or("no order"))
}

both_engines! {
    async fn a_purchase_goes_the_whole_way_and_every_step_may_be_repeated(db: TestDb) {
        let market = Market::open(&db).await;
        market.listens().await;
        let (ledger, college) = (&db.ledger, &market.college);

        // To the shop and back, twice by the same bytes.
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(3)));
        let form = must(market.shop.cart_form(&session, Leaving::WithCart).ok_or("no form"));
        let visit = led_to(&market.post(&form.content_type, form.body.clone(), &[]).await);
        assert_eq!(led_to(&market.post(&form.content_type, form.body, &[]).await), visit);
        let made = market.requisitions().await;
        assert_eq!(made.len(), 1);

        // Handed in, and approved by somebody else.
        let limits = SetLimits {
            unit: college.units.science,
            limits: Some(vec![Limit { currency: "USD".to_owned(), one_up_to: Exact::whole(50_000) }]),
        };
        must(ledger.record(&college.access, limits).await);
        let buyer = market.as_buyer().await;
        let submit = Submit { requisition: made[0].id, digest: made[0].digest.clone() };
        let submitted = must(ledger.record(&buyer, submit).await);
        let roles = [(Role::UnitAdmin, college.units.science)];
        let chief = college.member("Ada Example", college.units.science, &roles).await;
        let chief = college.access_as(chief.person).await;
        let approve = Approve { requisition: submitted.id, digest: submitted.digest.clone() };
        must(ledger.record(&chief, approve).await);

        // Ordered once; the supplier has it once, and heard it by the same name whenever it was sent.
        let place = Place { requisition: submitted.id };
        must(ledger.record(&buyer, place).await);
        assert!(ledger.record(&buyer, place).await.is_err(), "one order for each requisition");
        for _ in 0..3 {
            must(market.app.app.worker().deliver_due().await);
        }
        let placed = order(&market, &buyer).await;
        assert_eq!(placed.versions[&1].transmission, Transmission::Accepted, "{:?}", market.shop.received());
        let heard: Vec<_> = market.shop.received().into_iter().filter(|it| it.kind == "OrderRequest").collect();
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard[0].body.contains(&placed.po_no) && heard[0].body.contains(&placed.versions[&1].payload_id));
        assert_eq!(placed.units.len(), 3);

        // Confirmed, and two shipments with serial numbers, each said twice.
        let po_no = placed.po_no.clone();
        let confirmed = must(market.shop.confirm(&po_no, Confirmation::accept()).await);
        accepted(&confirmed);
        accepted(&must(market.shop.send_again(&confirmed.payload_id).await));
        for (number, serials) in [("S-1", vec!["LK0001", "LK0002"]), ("S-2", vec!["LK0003"])] {
            let shipment = Shipment {
                id: Some(number.to_owned()),
                lines: vec![packed(1, &serials)],
                tracking: Some(format!("1Z-{number}")),
                ..Shipment::default()
            };
            let sent = must(market.shop.ship(&po_no, shipment).await);
            accepted(&sent);
            accepted(&must(market.shop.send_again(&sent.payload_id).await));
        }
        let shipped = order(&market, &buyer).await;
        assert_eq!(shipped.shipments.len(), 2);
        assert!(shipped.units.values().all(|unit| unit.state == UnitState::Shipped && unit.serial.is_some()));

        // Received by scan: box, serial number, label and place in one motion, twice with one key.
        for (number, serial) in ["LK0001", "LK0002", "LK0003"].into_iter().enumerate() {
            let receive = Receive {
                order: placed.id,
                shipment: None,
                location: None,
                units: vec![Scanned {
                    serial: Some(serial.to_owned()),
                    tag: Some(must(Tag::parse(&format!("WM-{number}00{number}")))),
                    ..Scanned::default()
                }],
            };
            let once = || Once {
                key: must(Key::parse(&format!("scan-{number}"))),
                route: "receive",
                input: must(serde_json::to_string(&receive)),
                command: receive.clone(),
            };
            let first = must(ledger.record(&buyer, once()).await);
            let again = must(ledger.record(&buyer, once()).await);
            assert_eq!(first.answer, again.answer);
            assert!(again.replayed && !first.replayed);
        }
        let received = order(&market, &buyer).await;
        assert!(received.units.values().all(|unit| unit.state == UnitState::Received));

        // Invoiced, twice.
        let invoiced = must(market.shop.invoice_shipped(&po_no, Purpose::Standard).await);
        accepted(&invoiced);
        accepted(&must(market.shop.send_again(&invoiced.payload_id).await));

        // Three assets in stock, each of which knows everything that happened on the way.
        let whole = order(&market, &buyer).await;
        for unit in whole.units.values() {
            let mut tx = db.read(&buyer).await;
            let known = must(lineage::of_asset(&mut tx, &buyer, unit.asset).await);
            let known = must(known.ok_or("no lineage"));
            assert_eq!((known.po_no.as_str(), known.supplier_name.as_deref()), (po_no.as_str(), Some("Larkmoor")));
            assert!(known.shipment.is_some() && known.invoice.is_some() && known.received_by.is_some(), "{known:?}");
        }
        let assets = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset WHERE serial IS NOT NULL AND state = 'in_stock'").await;
        assert_eq!(assets, 3);
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
        spare.close().await;
    }

    /// What is sent under one name is the same at every attempt, whatever is edited between two of them; only what proves us is what holds by then.
    async fn an_order_is_the_same_text_at_every_attempt(db: TestDb) {
        let market = Market::open(&db).await;
        let (ledger, college) = (&db.ledger, &market.college);
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        led_to(&market.leave(&session, Leaving::WithCart).await);
        let made = market.requisitions().await[0].clone();
        let limits = SetLimits {
            unit: college.units.science,
            limits: Some(vec![Limit { currency: "USD".to_owned(), one_up_to: Exact::whole(50_000) }]),
        };
        must(ledger.record(&college.access, limits).await);
        let buyer = market.as_buyer().await;
        let submitted = must(ledger.record(&buyer, Submit { requisition: made.id, digest: made.digest }).await);
        let roles = [(Role::UnitAdmin, college.units.science)];
        let chief = college.member("Ada Example", college.units.science, &roles).await;
        let chief = college.access_as(chief.person).await;
        must(ledger.record(&chief, Approve { requisition: submitted.id, digest: submitted.digest }).await);
        must(ledger.record(&buyer, Place { requisition: submitted.id }).await);
        market.shop.answer_orders(Some(500));
        must(market.app.app.worker().deliver_due().await);
        let mut settings = super::settings(&market.shop);
        settings.mode = habeo_core::supplier::Mode::Test;
        "networkid".clone_into(&mut settings.ours.domain);
        must(ledger.record(&college.access, Configure { supplier: market.supplier, settings }).await);
        market.shop.answer_orders(None);
        db.clock.advance_micros(HOUR_MICROS);
        must(market.app.app.worker().deliver_due().await);
        let heard: Vec<_> = market.shop.received().into_iter().filter(|it| it.kind == "OrderRequest").collect();
        assert_eq!(heard.iter().map(|it| it.status).collect::<Vec<_>>(), [500, 200]);
        assert_eq!(heard[0].body, heard[1].body);
        let kept = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM order_letter").await;
        assert_eq!(kept, 1);
    }
}

fn packed(line: u32, serials: &[&str]) -> Packed {
    Packed {
        line,
        quantity: Decimal::whole(i64::try_from(serials.len()).unwrap_or(0)),
        unit: None,
        units: serials
            .iter()
            .map(|serial| Piece {
                serial: Some((*serial).to_owned()),
                ..Piece::default()
            })
            .collect(),
    }
}
