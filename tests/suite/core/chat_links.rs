//! Who chat users are: tickets that are good once, and ties that end when they should.

use habeo_core::chat_conversation::command::Note;
use habeo_core::chat_conversation::{Kind, store as conversations};
use habeo_core::chat_link::command::{IssueTicket, Link, Refusal, TakeTicket, Unlink};
use habeo_core::chat_link::{ChatUser, How, Profile, TICKET_LIFE_MICROS, store};
use habeo_core::id::{InstallId, PersonId};
use habeo_core::install::command::{Activate, Connect, Disconnect, NeedReinstall};
use habeo_core::install::{EndReason, store as installs};
use habeo_core::page::Limit;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_tests::builders::College;
use habeo_tests::builders::chat::{connect, master_key, tokens};
use habeo_tests::{both_engines, must};
use secrecy::SecretString;

use super::refusal;

fn user(install: InstallId, key: &str) -> ChatUser {
    ChatUser {
        install,
        user: key.to_owned(),
    }
}

async fn ticket(college: &College, user: &ChatUser) -> SecretString {
    let issue = IssueTicket {
        user: user.clone(),
        profile: Profile::named("Shown Name"),
    };
    must(college.db.ledger.record(&college.access, issue).await)
}

async fn take(
    college: &College,
    person: PersonId,
    ticket: &SecretString,
) -> Result<habeo_core::id::ChatLinkId, habeo_core::ledger::RecordError<Refusal>> {
    let access = college.access_as(person).await;
    let ticket = ticket.clone();
    college
        .db
        .ledger
        .record(&access, TakeTicket { ticket })
        .await
}

fn need_reinstall(install: InstallId) -> NeedReinstall {
    NeedReinstall {
        install,
        token: tokens("first", None).access,
        error: "invalid_auth".to_owned(),
        master_key: master_key(),
    }
}

fn by_email(user: &ChatUser, person: PersonId) -> Link {
    Link {
        user: user.clone(),
        shown_name: "Shown Name".to_owned(),
        person,
        how: How::Email,
    }
}

both_engines! {
    /// A ticket ties the chat user it was given to with whoever takes it: once, within ten minutes, in the same organization.
    async fn a_ticket_is_good_once(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        let one = user(college.workspace("T1").await, "U0ADA");
        let given = ticket(&college, &one).await;
        let mut tx = db.read(&college.access).await;
        let shown = must(store::ticket(&mut tx, &college.access, &given, db.clock_now()).await);
        drop(tx);
        let shown = must(shown.ok_or("no ticket"));
        assert_eq!((shown.user, shown.profile.shown_name.as_str(), shown.workspace_name.as_str()), (one.clone(), "Shown Name", "Workspace T1"));
        let mut tx = db.read(&other.access).await;
        assert_eq!(must(store::ticket(&mut tx, &other.access, &given, db.clock_now()).await), None);
        drop(tx);
        assert_eq!(refusal(take(&other, other.people.ada, &given).await), Refusal::TicketUnknown);
        assert_eq!(refusal(take(&college, ada, &"guessed".to_owned().into()).await), Refusal::TicketUnknown);
        assert_eq!(college.person_of(&one).await, None);
        let link = must(take(&college, ada, &given).await);
        assert_eq!(college.person_of(&one).await, Some((link, ada)));
        for person in [ada, ben] {
            assert_eq!(refusal(take(&college, person, &given).await), Refusal::TicketUnknown);
        }
        let late = ticket(&college, &user(one.install, "U0BEN")).await;
        db.clock.advance_micros(TICKET_LIFE_MICROS);
        assert_eq!(refusal(take(&college, ben, &late).await), Refusal::TicketUnknown);
    }

    /// Eight who take one ticket at once: one does.
    async fn of_many_at_once_one_takes_a_ticket(db: TestDb) {
        let college = College::found(&db).await;
        let given = ticket(&college, &user(college.workspace("T1").await, "U0ADA")).await;
        let access = college.access_as(college.people.ada).await;
        let taking = (0..8).map(|_| {
            let (ledger, access, ticket) = (db.ledger.clone(), access.clone(), given.clone());
            tokio::spawn(async move { ledger.record(&access, TakeTicket { ticket }).await.is_ok() })
        });
        let mut taken = 0;
        for one in taking.collect::<Vec<_>>() {
            taken += usize::from(must(one.await));
        }
        assert_eq!(taken, 1);
    }

    /// A ticket shows whose the chat user is, an address less than that; a person is one user of a workspace.
    async fn a_chat_user_is_one_person_and_a_person_one_user(db: TestDb) {
        let college = College::found(&db).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        let one = college.link(college.workspace("T1").await, "U1", ada).await;
        let (first, _) = must(college.person_of(&one).await.ok_or("not linked"));
        let again = ticket(&college, &one).await;
        assert_eq!(must(take(&college, ada, &again).await), first, "the same tie");
        assert_eq!(refusal(db.ledger.record(&college.access, by_email(&one, ben)).await), Refusal::UserTaken);
        let two = user(one.install, "U2");
        assert_eq!(refusal(db.ledger.record(&college.access, by_email(&two, ada)).await), Refusal::PersonTaken);
        let given = ticket(&college, &two).await;
        assert_eq!(refusal(take(&college, ada, &given).await), Refusal::PersonTaken);
        // What was refused did not use the ticket up.
        must(take(&college, ben, &given).await);
        must(db.ledger.record(&college.access_as(ben).await, Unlink { link: must(college.person_of(&two).await.ok_or("no link")).0 }).await);
        let given = ticket(&college, &one).await;
        must(take(&college, ben, &given).await);
        assert_eq!(must(college.person_of(&one).await.ok_or("not linked")).1, ben);
        let elsewhere = college.link(college.workspace("T2").await, "U1", ben).await;
        assert_ne!(elsewhere.digest(), one.digest());
        let mut tx = db.read(&college.access).await;
        let linked = must(store::of_person(&mut tx, &college.access, ben).await);
        let users: Vec<_> = linked.iter().map(|linked| (linked.user.as_str(), linked.workspace_name.as_str())).collect();
        assert_eq!(users, [("U1", "Workspace T1"), ("U1", "Workspace T2")]);
    }

    /// Whoever ended a tie is not tied again by an address, neither they nor that chat user: only signing in does it.
    async fn what_somebody_ended_comes_back_by_signing_in_only(db: TestDb) {
        let college = College::found(&db).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        let install = college.workspace("T1").await;
        let (one, two) = (user(install, "U1"), user(install, "U2"));
        let email = |user: &ChatUser, person| db.ledger.record(&college.access, by_email(user, person));
        let administrator = college.administrator().await;
        for ender in [college.access_as(ada).await, administrator] {
            let link = match email(&one, ada).await {
                Ok(link) => link,
                Err(_) => must(take(&college, ada, &ticket(&college, &one).await).await),
            };
            must(db.ledger.record(&ender, Unlink { link }).await);
            for (user, person) in [(&one, ada), (&one, ben), (&two, ada)] {
                assert_eq!(refusal(email(user, person).await), Refusal::EndedByChoice, "{user:?}");
            }
        }
        assert_eq!(college.person_of(&one).await, None);
        must(take(&college, ada, &ticket(&college, &one).await).await);
        // Somebody who was shown not to be that user wanted nothing ended.
        must(take(&college, ben, &ticket(&college, &one).await).await);
        must(email(&two, ada).await);
        // Nor did anybody of a workspace that was connected anew.
        must(db.ledger.record(&college.access, Disconnect { install, reason: EndReason::Removed }).await);
        let anew = college.workspace("T1").await;
        must(email(&user(anew, "U1"), ada).await);
    }

    /// A chat user has one ticket, the last: asking again and again leaves no others.
    async fn a_chat_user_has_one_ticket(db: TestDb) {
        let college = College::found(&db).await;
        let install = college.workspace("T1").await;
        let (one, two) = (user(install, "U1"), user(install, "U2"));
        let (first, theirs) = (ticket(&college, &one).await, ticket(&college, &two).await);
        let mut last = ticket(&college, &one).await;
        for _ in 0..3 {
            last = ticket(&college, &one).await;
        }
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM chat_ticket").await, 2);
        assert_eq!(refusal(take(&college, college.people.ada, &first).await), Refusal::TicketUnknown);
        must(take(&college, college.people.ada, &last).await);
        must(take(&college, college.people.ben, &theirs).await);
    }

    /// Where conversations of an installation are reached is forgotten with it, and nobody else's.
    async fn conversations_go_with_their_installation(db: TestDb) {
        let college = College::found(&db).await;
        let (one, two) = (college.workspace("T1").await, college.workspace("T2").await);
        for install in [one, two] {
            let note = Note {
                install,
                conversation: "19:abc@thread.tacv2".to_owned(),
                kind: Kind::Channel,
                user: None,
                address: None,
                service_url: "https://smba.example/teams/".to_owned(),
                name: Some("Science › Labs\u{202e}".to_owned()),
            };
            must(db.ledger.record(&college.access, note.clone()).await);
            // What does not say the name leaves it as it was.
            must(db.ledger.record(&college.access, Note { name: None, ..note }).await);
        }
        let admin = college.administrator().await;
        let shared = async |install| {
            let mut tx = db.read(&admin).await;
            must(conversations::shared(&mut tx, &admin, install).await)
        };
        assert_eq!(shared(one).await[0].name.as_deref(), Some("Science › Labs"));
        must(db.ledger.record(&college.access, Disconnect { install: one, reason: EndReason::Uninstalled }).await);
        assert!(shared(one).await.is_empty());
        assert_eq!(shared(two).await.len(), 1);
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM chat_conversation").await, 1);
    }

    /// Who may tie whom: Habeo by an address, people themselves, and nobody somebody else.
    async fn nobody_is_linked_by_others(db: TestDb) {
        let college = College::found(&db).await;
        let (ada, ben, gone) = (college.people.ada, college.people.ben, college.people.gone);
        let one = user(college.workspace("T1").await, "U1");
        let admin = college.administrator().await;
        let page = |person| Link { how: How::Page, ..by_email(&one, person) };
        for (access, link) in [(&admin, by_email(&one, ada)), (&admin, page(ada)), (&college.access, page(ada))] {
            assert_eq!(refusal(db.ledger.record(access, link).await), Refusal::NotPermitted);
        }
        let issue = IssueTicket { user: one.clone(), profile: Profile::default() };
        assert_eq!(refusal(db.ledger.record(&admin, issue).await), Refusal::NotPermitted);
        let nobody = user(one.install, "no user");
        assert_eq!(refusal(db.ledger.record(&college.access, by_email(&nobody, ada)).await), Refusal::BadUser);
        assert_eq!(refusal(db.ledger.record(&college.access, by_email(&one, gone)).await), Refusal::NotAMember);
        let other = College::found_as(&db, "eastmark").await;
        assert_eq!(refusal(db.ledger.record(&college.access, by_email(&one, other.people.ada)).await), Refusal::NotAMember);
        assert_eq!(refusal(db.ledger.record(&other.access, by_email(&one, other.people.ada)).await), Refusal::NotConnected);
        must(db.ledger.record(&college.access_as(ada).await, page(ada)).await);
        let (link, _) = must(college.person_of(&one).await.ok_or("not linked"));
        let theirs = [college.access_as(ben).await, other.access.clone()];
        for access in &theirs {
            assert_eq!(refusal(db.ledger.record(access, Unlink { link }).await), Refusal::Unknown);
        }
        must(db.ledger.record(&admin, Unlink { link }).await);
        must(db.ledger.record(&admin, Unlink { link }).await);
        assert_eq!(college.person_of(&one).await, None);
    }

    /// A tie holds while the person is there and the installation is in working order, and ends with the installation.
    async fn a_tie_does_not_outlive_what_it_rests_on(db: TestDb) {
        let college = College::found(&db).await;
        let ada = college.people.ada;
        let install = college.workspace("T1").await;
        let one = college.link(install, "U1", ada).await;
        for (status, known) in [(PersonStatus::Separated, false), (PersonStatus::Active, true)] {
            must(db.ledger.record(&college.access, ChangeStatus { person: ada, status, separated_on: None }).await);
            assert_eq!(college.person_of(&one).await.is_some(), known);
        }
        must(db.ledger.record(&college.access, need_reinstall(install)).await);
        assert_eq!(college.person_of(&one).await, None);
        must(db.ledger.record(&college.administrator().await, connect("T1")).await);
        assert!(college.person_of(&one).await.is_some());
        ticket(&college, &user(install, "U2")).await;
        must(db.ledger.record(&college.access, Disconnect { install, reason: EndReason::Removed }).await);
        assert_eq!(college.person_of(&one).await, None);
        let issue = IssueTicket { user: one.clone(), profile: Profile::default() };
        assert_eq!(refusal(db.ledger.record(&college.access, issue).await), Refusal::NotConnected);
        let left = "SELECT (SELECT CAST(COUNT(*) AS BIGINT) FROM chat_identity) + (SELECT COUNT(*) FROM chat_ticket)
            + (SELECT COUNT(*) FROM chat_link WHERE ended_at IS NULL)";
        assert_eq!(db.raw().await.number(left).await, 0);
        // Connected again it is another installation, through which nobody is linked.
        let anew = college.workspace("T1").await;
        assert_ne!(anew, install);
        assert_eq!(college.person_of(&user(anew, "U1")).await, None);
    }

    /// Through a pending installation somebody can be tied, and acts when it is shown to be the organization's.
    async fn a_tie_through_a_pending_installation_waits(db: TestDb) {
        let college = College::found(&db).await;
        let new = Connect { pending: true, ..connect("T1") };
        let install = must(db.ledger.record(&college.administrator().await, new).await);
        let one = college.link(install, "U1", college.people.ada).await;
        assert_eq!(college.person_of(&one).await, None);
        must(db.ledger.record(&college.access, Activate { install }).await);
        assert!(college.person_of(&one).await.is_some());
    }

    /// Facts have digests of chat users; names and keys are kept beside them, and shown to administrators.
    async fn the_ledger_holds_neither_names_nor_keys(db: TestDb) {
        let college = College::found(&db).await;
        let install = college.workspace("T1").await;
        let one = college.link(install, "U0SECRET", college.people.ada).await;
        let two = college.link(install, "U0OTHER", college.people.ben).await;
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type LIKE 'chat_link.%' ORDER BY org_id, log_index").await;
        assert!(entries.len() == 2 && entries[0].contains(&one.digest()));
        assert!(!entries.iter().any(|entry| entry.contains("U0SECRET") || entry.contains("as shown")));
        let admin = college.administrator().await;
        let mut tx = db.read(&admin).await;
        let limit = must(Limit::new(1).ok_or("a limit"));
        let first = must(installs::linked_people(&mut tx, &admin, install, 0, limit).await);
        assert_eq!((first.rows[0].person, first.rows[0].shown_name.as_str()), (college.people.ada, "U0SECRET as shown"));
        let rest = must(installs::linked_people(&mut tx, &admin, install, first.rows[0].seq, limit).await);
        assert_eq!((rest.rows[0].person, rest.next), (college.people.ben, None));
        assert!(college.person_of(&two).await.is_some());
        let plain = college.access_as(college.people.ben).await;
        assert_eq!(must(installs::linked_people(&mut tx, &plain, install, 0, limit).await).rows, []);
    }
}
