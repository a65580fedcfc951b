//! What device management says of an asset, and whom it proposes, as far as the asker decides over it.

use habeo_core::access::{Access, Role, Surface};
use habeo_core::connection::Provider;
use habeo_core::device::report::{Described, Kind, Report, User};
use habeo_core::device::take::TakeReports;
use habeo_core::id::ConnectionId;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::unit::command::SetPolicy;
use habeo_tests::builders::{College, person};
use habeo_tests::{both_engines, must};
use uuid::Uuid;

use super::{Room, says};

async fn reported(college: &College, kind: Kind, email: Option<&str>) {
    let report = Report {
        external_id: Some("computer:1".to_owned()),
        kind,
        occurred_at: college.db.clock_now(),
        device: Described {
            serial: Some("COPILOT-1".to_owned()),
            ..Described::default()
        },
        user: email.map(|email| User {
            email: Some(email.to_owned()),
            ..User::default()
        }),
        place: None,
    };
    let take = TakeReports {
        connection: ConnectionId::from_uuid(Uuid::from_u128(1)),
        provider: Provider::Jamf,
        reports: vec![("1".to_owned(), report)],
    };
    let access = Access::system(college.org, Surface::Webhook);
    must(college.db.ledger.record(&access, take).await);
}

both_engines! {
    /// The card of an asset says whether it is managed and when it was last heard of; whom it may go to, only to those who decide that.
    async fn a_card_tells_of_device_management(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let physics = college.units.physics;
        let rae = room.custodian().await;
        let noel = room.member("Noel Example", physics, &[(Role::Auditor, physics)]).await;
        let asset = college.asset("Laptop").serial("COPILOT-1").register().await;
        let tag = room.tag(asset).await;
        let reply = room.ask(&rae, &tag).await;
        assert!(!reply.text.contains("Device management"), "{}", reply.text);
        let pat = RegisterPerson {
            email: Some("pat@westmark.example".to_owned()),
            ..person("Pat Example", physics, Affiliation::Staff, PersonStatus::Active)
        };
        must(db.ledger.record(&college.access, pat).await);
        let policy = SetPolicy { unit: college.units.root, propose_hand_overs: Some(true) };
        must(db.ledger.record(&college.access, policy).await);
        reported(&college, Kind::Login, Some("pat@westmark.example")).await;
        let reply = room.ask(&rae, &tag).await;
        says(&reply, "Device management: managed by Jamf Pro, last check-in");
        says(&reply, "Hand-over proposed to: Pat Example");
        let reply = room.ask(&noel, &tag).await;
        says(&reply, "managed by Jamf Pro");
        assert!(!reply.text.contains("Pat Example"), "{}", reply.text);
        db.clock.advance_micros(1);
        reported(&college, Kind::Unenrolled, None).await;
        says(&room.ask(&rae, &tag).await, "not managed by Jamf Pro any more");
        let reply = room.ask(&rae, &format!("history of {tag}")).await;
        says(&reply, "came under device management");
        says(&reply, "hand-over proposed");
    }
}
