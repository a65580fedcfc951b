//! Questions about tickets: of an asset, of a unit, of whoever asks.

use habeo_core::access::Role;
use habeo_core::ticket::Status;
use habeo_core::ticket::report::{Field, Report};
use habeo_tests::both_engines;
use habeo_tests::builders::College;

use super::{Room, pressed, rows, says};
use crate::core::tickets::Desk;

both_engines! {
    /// The tickets of an asset, in a line each, and the number of open ones with the asset itself.
    async fn an_assets_tickets_are_told(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (_, tag) = room.laptop().await;
        let reply = room.ask(&rae, &format!("tickets on {tag}")).await;
        assert_eq!(reply.text, format!("Tickets about {tag}: none."));
        assert!(reply.private);
        let desk = Desk::of(&college);
        let open = desk.ticket("231", &tag);
        desk.one(&open).await;
        let closed = desk.ticket("232", &tag);
        desk.one(&closed).await;
        desk.one(&desk.later(&closed, Status::Closed)).await;
        let reply = room.ask(&rae, &format!("tickets on {tag}")).await;
        says(&reply, &format!("Tickets about {tag}: 2."));
        let listed: Vec<(&str, &str, Option<&str>)> =
            rows(&reply).iter().map(|row| (row.title.as_str(), row.detail.as_str(), row.url.as_deref())).collect();
        assert_eq!(listed, [
            ("ITH-232 · Battery swollen 232", format!("closed, urgent, about {tag}").as_str(), Some("https://desk.example/browse/ITH-232")),
            ("ITH-231 · Battery swollen 231", format!("open, urgent, about {tag}").as_str(), Some("https://desk.example/browse/ITH-231")),
        ]);
        assert_eq!(rows(&room.ask(&rae, &format!("any open tickets for {tag}?")).await).len(), 1);
        assert_eq!(rows(&room.ask(&rae, "tickets on it").await).len(), 2, "it is what was spoken of");
        says(&room.ask(&rae, &tag).await, "Tickets: 1 open");
        let reply = room.ask(&rae, &format!("what happened to {tag}?")).await;
        says(&reply, "ticket opened");
        says(&reply, "ticket resolved");
    }

    /// Of a unit in sight; the tickets of others are not in any answer.
    async fn a_units_tickets_are_those_in_sight(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let desk = Desk::of(&college);
        let (_, tag) = room.laptop().await;
        desk.open("1", &tag).await;
        let other = college.asset("Piano").unit(college.units.music).register().await;
        let piano = room.tag(other).await;
        desk.open("2", &piano).await;
        let reply = room.ask(&rae, "what tickets are open in PHYS unit?").await;
        says(&reply, "Open tickets of PHYS unit: 1.");
        assert_eq!(rows(&room.ask(&rae, "open tickets").await).len(), 1);
        let reply = room.ask(&rae, &format!("tickets on {piano}")).await;
        says(&reply, "I find no asset");
        let org = room.member("Org Example", college.units.root, &[(Role::Auditor, college.units.root)]).await;
        says(&room.ask(&org, "how many tickets are open?").await, "Open tickets: 2.");
        says(&room.ask(&org, "closed tickets in MUSIC unit").await, "Closed tickets of MUSIC unit: none.");
    }

    /// Mine are those about what I have; my page shows them.
    async fn my_tickets_are_about_what_i_have(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let kim = room.member("Kim Example", college.units.music, &[]).await;
        let desk = Desk::of(&college);
        let (id, tag) = room.laptop().await;
        desk.open("1", &tag).await;
        says(&room.ask(&kim, "my tickets").await, "Your open tickets: none.");
        room.hand(id, kim.person).await;
        let reply = room.ask(&kim, "my tickets").await;
        says(&reply, "Your open tickets: 1.");
        assert_eq!(rows(&reply).len(), 1);
        let home = room.engine.home(&kim.asker).await.expect("a home");
        let section = home.sections.last().expect("a section");
        assert_eq!((section.title.as_str(), section.rows.len()), ("Your tickets", 1));
        assert_eq!(section.rows[0].title, "ITH-1 · Battery swollen 1");
    }

    /// A long list goes on; what only the help desk can do is not done here.
    async fn lists_go_on_and_nothing_is_promised(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let desk = Desk::of(&college);
        let (_, tag) = room.laptop().await;
        let reports: Vec<Report> = (0..13).map(|n| desk.ticket(&n.to_string(), &tag)).collect();
        desk.take(&reports).await;
        let first = room.ask(&rae, "list tickets").await;
        says(&first, "Open tickets: 13. These are 1 to 10.");
        let more = room.press(&rae, &pressed(&first, "Show more")).await;
        says(&more, "These are 11 to 13.");
        assert_eq!(rows(&more).len(), 3);
        says(&room.ask(&rae, "more").await, "There is no more");
        for wish in ["open a ticket for it", &format!("close the ticket of {tag}"), "create a ticket"] {
            let reply = room.ask(&rae, wish).await;
            assert!(rows(&reply).is_empty() && !reply.text.contains("Confirm"), "{wish}: {}", reply.text);
        }
        // What people write is shown as it is, and nobody who reads along sees it.
        let odd = Report { title: Field::Set("<!channel> *bold* |x".to_owned()), ..desk.ticket("99", &tag) };
        desk.one(&odd).await;
        let shared = habeo_bot::engine::Asker { place: habeo_bot::engine::Place::Shared, ..rae.asker.clone() };
        room.share().await;
        let reply = room.engine.ask(&shared, "list tickets").await;
        assert!(reply.private && reply.text.contains("<!channel> *bold* |x"), "{}", reply.text);
    }
}
