//! Receiving where something does not fit: numbers that were misread, pieces without any, and where they are put.

use habeo_core::order::receive::{Receive, Scanned, Unread};
use habeo_core::order::report::{Operation, Source};
use habeo_core::order::{Refusal, UnitState};
use habeo_core::requisition::command::{Assign, Submit};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{assets, notice, order, pieces, place, place_of, receives, says, scan, serial_of};
use crate::core::refusal;
use crate::requisition::{Shop, is_whole, line};

fn said(unread: Unread) -> Scanned {
    Scanned {
        unread: Some(unread),
        ..scan("", "")
    }
}

both_engines! {
    /// A misread number is none of a piece that is not in the box.
    async fn a_misread_number_is_not_taken_for_another_piece(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "3", "5.00")]).await;
        says(&shop, "1", notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "EA", &["SN20001"])])).await;
        let shipment = must(order(&college, id).await.shipments.keys().next().copied().ok_or("no shipment"));
        let buyer = shop.as_buyer().await;
        let receive = async |with: bool, unit: Scanned| {
            let command = Receive { order: id, shipment: with.then_some(shipment), location: None, units: vec![unit] };
            db.ledger.record(&buyer, command).await
        };
        for with in [true, false] {
            let misread = refusal(receive(with, scan("SN2000l", "")).await);
            assert!(matches!(misread, Refusal::NotAnnounced { line: 1, .. }), "{with}: {misread:?}");
        }
        let other = Scanned { instead: true, ..scan("SN20009", "") };
        must(receive(true, other).await);
        let now = order(&college, id).await;
        assert_eq!((now.units[&(1, 1)].state, now.units[&(1, 2)].state), (UnitState::Received, UnitState::Expected));
        // Nothing more was announced with the box; what is in it all the same is said to be.
        assert_eq!(refusal(receive(true, scan("SN20002", "")).await), Refusal::NotInShipment(1));
        must(receive(true, Scanned { instead: true, ..scan("SN20002", "") }).await);
        must(receive(false, scan("SN20003", "")).await);
        is_whole(&college).await;
    }

    /// Where nothing was read nothing is known, unless somebody says so; and what they say is not taken for a scan.
    async fn what_was_not_read_is_said(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "4", "5.00")]).await;
        says(&shop, "1", notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "3", "EA", &["SN21001", "SN21002"])])).await;
        let made = assets(&order(&college, id).await);
        assert_eq!(refusal(receives(&shop, id, vec![scan("", "")]).await), Refusal::SerialNeeded(1));
        must(receives(&shop, id, vec![said(Unread::AsAnnounced)]).await);
        let now = order(&college, id).await;
        let first = &now.units[&(1, 1)];
        assert_eq!((first.state, first.source, serial_of(&college, made[0]).await.as_deref()), (UnitState::Received, Some(Source::Item), Some("SN21001")));
        // One has none, and it is one of which none was announced; another has a label and comes without one as well.
        must(receives(&shop, id, vec![said(Unread::NoSerial), scan("", "WM-204001")]).await);
        let now = order(&college, id).await;
        assert_eq!((now.units[&(1, 3)].state, now.units[&(1, 4)].state), (UnitState::Received, UnitState::Received));
        // What is left was announced with a number: its label does not tell that it is that one.
        assert_eq!(refusal(receives(&shop, id, vec![scan("", "WM-204002")]).await), Refusal::SerialNeeded(1));
        assert_eq!(refusal(receives(&shop, id, vec![said(Unread::NoSerial)]).await), Refusal::SerialNeeded(1));
        let instead = Scanned { instead: true, ..said(Unread::NoSerial) };
        must(receives(&shop, id, vec![instead]).await);
        assert_eq!((order(&college, id).await.units[&(1, 2)].serial.clone(), serial_of(&college, made[1]).await), (None, None));
        is_whole(&college).await;
    }

    /// What nobody says otherwise about is where the order was to be sent.
    async fn what_arrives_is_where_it_was_sent(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let draft = shop.buy(vec![line("A", "1", "5.00")]).await;
        let buyer = shop.as_buyer().await;
        let assign = Assign { requisition: draft, unit: college.units.physics, location: Some(college.places.workshop), cost_centre: None };
        let assigned = must(db.ledger.record(&buyer, assign).await);
        let wanted = must(db.ledger.record(&buyer, Submit { requisition: draft, digest: assigned.digest }).await);
        let id = place_of(&shop, wanted).await;
        let receipt = must(receives(&shop, id, vec![scan("SN22001", "")]).await);
        assert_eq!(college.detail(receipt.units[0].asset).await.location_id, Some(college.places.workshop));
    }
}
