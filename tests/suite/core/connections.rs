//! Systems that report in: who connects them, how they prove themselves while secrets change, and what is left when they are over.

use habeo_core::access::{Access, Role};
use habeo_core::connection::command::{
    Configure, CreateConnection, EndRotation, NoteRefusal, Pause, Remove, Rename, Resume,
    RotateSecret,
};
use habeo_core::connection::{
    Algorithm, CONNECTIONS_MAX, Connection, Gate, Proof, Provider, REFUSALS_KEPT, Refusal,
    Settings, Status, WINDOW_MICROS, WINDOW_MICROS_MAX, store,
};
use habeo_core::explain::Explain as _;
use habeo_core::id::{ConnectionId, OrgId};
use habeo_core::ledger::tree;
use habeo_core::ticket;
use habeo_core::time::{DAY_MICROS, SECOND_MICROS};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::builders::connection::new_connection;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};
use secrecy::{ExposeSecret as _, SecretString};

use super::refusal;

async fn connect(college: &College, provider: Provider) -> (ConnectionId, SecretString) {
    let new = new_connection(provider, "Main campus", master_key());
    must(college.db.ledger.record(&college.access, new).await)
}

async fn found(db: &TestDb, access: &Access, id: ConnectionId) -> Option<Connection> {
    let mut tx = db.read(access).await;
    must(store::by_id(&mut tx, access, id).await)
}

async fn seen(college: &College, id: ConnectionId) -> Connection {
    let found = found(&college.db, &college.access, id).await;
    must(found.ok_or("no such connection"))
}

async fn gate(college: &College, id: ConnectionId) -> Option<Gate> {
    let mut tx = college.db.read(&college.access).await;
    must(store::gate(&mut tx, &college.access, id, &master_key()).await)
}

/// The secrets that are in the gate, the present one first, and until when the second is accepted.
async fn secrets(college: &College, id: ConnectionId) -> Vec<String> {
    let gate = gate(college, id).await;
    let secrets = gate.into_iter().flat_map(|gate| gate.secrets);
    secrets
        .map(|secret| secret.expose_secret().to_owned())
        .collect()
}

async fn fingerprints(db: &TestDb, access: &Access, id: ConnectionId) -> Vec<String> {
    let mut tx = db.read(access).await;
    must(store::fingerprints(&mut tx, access, id, &master_key()).await)
}

async fn whose(db: &TestDb, id: ConnectionId) -> Option<OrgId> {
    let mut tx = must(db.db().read_directory().await);
    must(store::org_of(&mut tx, id).await)
}

fn rotate(connection: ConnectionId, window_micros: i64) -> RotateSecret {
    RotateSecret {
        connection,
        window_micros,
        master_key: master_key(),
    }
}

/// What the ledger has of connections, in its order.
async fn facts(db: &TestDb) -> Vec<String> {
    let sql = "SELECT type FROM ledger_entry WHERE type LIKE 'connection.%' ORDER BY log_index";
    db.raw().await.texts(sql).await
}

fn hmac(header: &str) -> Settings {
    Settings::proven_by(Proof::Hmac {
        header: header.to_owned(),
        algorithm: Algorithm::Sha512,
        timestamp_header: Some("X-Time".to_owned()),
    })
}

/// Tries everything that changes a connection.
async fn refusals(db: &TestDb, access: &Access, connection: ConnectionId) -> Vec<Refusal> {
    let ledger = &db.ledger;
    let settings = Settings::proven_by(Provider::Jamf.usual_proof());
    let name = "Other".to_owned();
    vec![
        refusal(
            ledger
                .record(
                    access,
                    Configure {
                        connection,
                        settings,
                    },
                )
                .await,
        ),
        refusal(ledger.record(access, Rename { connection, name }).await),
        refusal(ledger.record(access, Pause { connection }).await),
        refusal(ledger.record(access, Resume { connection }).await),
        refusal(ledger.record(access, rotate(connection, 0)).await),
        refusal(ledger.record(access, EndRotation { connection }).await),
    ]
}

fn refused_letter(connection: ConnectionId, reason: &str) -> NoteRefusal {
    NoteRefusal {
        connection,
        status: 401,
        reason: reason.to_owned(),
        bytes: 17,
        times: 2,
    }
}

both_engines! {
    /// Neither administrators of a unit nor anybody below them connect a system, change one, or see that there is one.
    async fn only_administrators_of_the_whole_manage(db: TestDb) {
        let college = College::found(&db).await;
        let admin = college.administrator().await;
        let root = college.units.root;
        let new = || new_connection(Provider::Jamf, "Main campus", master_key());
        let (id, _) = must(db.ledger.record(&admin, new()).await);
        must(db.ledger.record(&college.access, refused_letter(id, "no proof")).await);
        for role in [Role::UnitAdmin, Role::Auditor, Role::Integration] {
            let below = college.access_of(&[(role, root)]).await;
            assert_eq!(refusal(db.ledger.record(&below, new()).await), Refusal::NotPermitted);
            assert_eq!(refusals(&db, &below, id).await, [Refusal::NotPermitted; 6]);
            assert_eq!(refusal(db.ledger.record(&below, Remove { connection: id }).await), Refusal::NotPermitted);
            assert_eq!(refusal(db.ledger.record(&below, refused_letter(id, "x")).await), Refusal::NotPermitted);
            let mut tx = db.read(&below).await;
            assert_eq!(must(store::list(&mut tx, &below).await), []);
            assert_eq!(must(store::by_id(&mut tx, &below, id).await), None);
            assert_eq!(must(store::refused(&mut tx, &below, id, 10).await), []);
        }
        let mut tx = db.read(&admin).await;
        assert_eq!(must(store::list(&mut tx, &admin).await).len(), 1);
        assert_eq!(must(store::refused(&mut tx, &admin, id, 10).await).len(), 1);
    }

    /// A connection is found by its id, lets in what has its secret, and says who made it. The secret is told once.
    async fn a_system_is_connected(db: TestDb) {
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        let admin = college.sign_in(&member).await.access;
        let new = new_connection(Provider::ServiceNow, "  Service desk ", master_key());
        let (id, secret) = must(db.ledger.record(&admin, new).await);
        assert!(secret.expose_secret().starts_with("hbs_") && secret.expose_secret().len() == 47);
        assert_eq!(whose(&db, id).await, Some(college.org));
        let one = seen(&college, id).await;
        assert_eq!((one.provider, one.status, one.created_by), (Provider::ServiceNow, Status::Active, Some(member.person)));
        assert_eq!((one.created_at, one.previous_until), (db.clock_now(), None));
        assert_eq!(one.name, "Service desk");
        let gate = must(gate(&college, id).await.ok_or("it is active"));
        assert_eq!((gate.org, gate.id, gate.provider, gate.settings), (college.org, id, one.provider, one.settings));
        assert_eq!(secrets(&college, id).await, [secret.expose_secret()]);
        let (_, other) = connect(&college, Provider::ServiceNow).await;
        assert_ne!(other.expose_secret(), secret.expose_secret());
    }

    /// Neither the secret nor the one before it stands anywhere as it is, and the ledger has neither them nor the name.
    async fn secrets_and_names_stay_out_of_the_ledger(db: TestDb) {
        let college = College::found(&db).await;
        let (id, first) = connect(&college, Provider::Kandji).await;
        must(db.ledger.record(&college.access, Rename { connection: id, name: "Planted name".to_owned() }).await);
        let second = must(db.ledger.record(&college.access, rotate(id, WINDOW_MICROS)).await);
        let mut raw = db.raw().await;
        let everything = raw.everything().await;
        assert!(everything.contains("planted name") && everything.contains("connection.secret_rotated"), "it is all looked at");
        for secret in [&first, &second] {
            let secret = secret.expose_secret();
            let bytes = tree::hex(secret.as_bytes());
            assert!(!everything.contains(secret) && !everything.contains(&bytes), "{secret} is there");
        }
        let entries = raw.texts("SELECT bytes FROM ledger_entry").await.join("\n");
        assert!(entries.contains("connection.created") && !entries.contains("Planted"), "{entries}");
    }

    /// As whom a connection proves itself may be somebody's name: no entry says it, and entries from before that did are still understood.
    async fn who_signs_in_stays_out_of_the_ledger(db: TestDb) {
        let college = College::found(&db).await;
        let basic = |user: &str| Settings::proven_by(Proof::Basic { user: user.to_owned() });
        let new = CreateConnection { settings: basic("planted.one"), ..new_connection(Provider::Jamf, "x", master_key()) };
        let (id, _) = must(db.ledger.record(&college.access, new).await);
        assert_eq!(seen(&college, id).await.settings, basic("planted.one"));
        for user in ["planted.two", "planted.two", "planted.three"] {
            must(db.ledger.record(&college.access, Configure { connection: id, settings: basic(user) }).await);
            assert_eq!(seen(&college, id).await.settings, basic(user));
            assert_eq!(gate(&college, id).await.map(|gate| gate.settings), Some(basic(user)));
        }
        assert_eq!(facts(&db).await, ["connection.created", "connection.configured", "connection.configured"]);
        let mut raw = db.raw().await;
        let entries = raw.texts("SELECT bytes FROM ledger_entry").await.join("\n");
        assert!(!entries.contains("planted"), "{entries}");
        let tables = raw.texts("SELECT settings FROM connection").await.join("\n");
        assert!(!tables.contains("planted"), "{tables}");
        // As it was projected when entries named the user.
        must(raw.execute("UPDATE connection SET settings = replace(settings, '\"user\":\"\"', '\"user\":\"before\"')").await);
        must(raw.execute("UPDATE connection_private SET basic_user = NULL").await);
        db.leave_unequal();
        assert_eq!(gate(&college, id).await.map(|gate| gate.settings), Some(basic("before")));
        must(db.ledger.record(&college.access, Configure { connection: id, settings: hmac("X-Sign") }).await);
        assert_eq!(seen(&college, id).await.settings, hmac("X-Sign"));
        assert_eq!(raw.texts("SELECT basic_user FROM connection_private WHERE basic_user IS NOT NULL").await, Vec::<String>::new());
    }

    /// What is no name, no header or no setting of the product is refused, and nothing is left of it.
    async fn what_cannot_be_is_refused(db: TestDb) {
        let college = College::found(&db).await;
        let access = &college.access;
        let (id, _) = connect(&college, Provider::Jamf).await;
        let long = "n".repeat(101);
        for name in ["", "  ", "a\nb", "\u{202e}evil", &long] {
            let new = CreateConnection { name: name.to_owned(), ..new_connection(Provider::Jamf, "x", master_key()) };
            assert_eq!(refusal(db.ledger.record(access, new).await).code(), "connection_name_invalid", "{name}");
            let rename = Rename { connection: id, name: name.to_owned() };
            assert_eq!(refusal(db.ledger.record(access, rename).await).code(), "connection_name_invalid", "{name}");
        }
        let usual = || Settings::proven_by(Provider::Jamf.usual_proof());
        let statuses = [("on hold".to_owned(), ticket::Status::OnHold)].into();
        for (settings, code) in [
            (Settings::proven_by(Proof::ClientState), "connection_proof_invalid"),
            (Settings::proven_by(Proof::Basic { user: "a:b".to_owned() }), "connection_proof_invalid"),
            (hmac("Content-Length"), "connection_proof_invalid"),
            (hmac(""), "connection_proof_invalid"),
            (Settings { event_grid: true, ..usual() }, "connection_setting_invalid"),
            (Settings { tags_in_titles: true, ..usual() }, "connection_setting_invalid"),
            (Settings { asset_field: Some("customfield_1".to_owned()), ..usual() }, "connection_setting_invalid"),
            (Settings { statuses, ..usual() }, "connection_setting_invalid"),
        ] {
            let new = CreateConnection { settings: settings.clone(), ..new_connection(Provider::Jamf, "x", master_key()) };
            assert_eq!(refusal(db.ledger.record(access, new).await).code(), code, "{settings:?}");
            let configure = Configure { connection: id, settings: settings.clone() };
            assert_eq!(refusal(db.ledger.record(access, configure).await).code(), code, "{settings:?}");
        }
        assert_eq!(facts(&db).await, ["connection.created"]);
        let rows = db.raw().await.numbers(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM connection_private UNION ALL SELECT CAST(COUNT(*) AS BIGINT) FROM connection_directory",
        ).await;
        assert_eq!(rows, [1, 1]);
    }

    /// Settings, name and state change; what is asked again changes nothing. A paused connection lets nothing in.
    async fn a_connection_is_changed_and_paused(db: TestDb) {
        let college = College::found(&db).await;
        let access = &college.access;
        let (id, secret) = connect(&college, Provider::Jira).await;
        let mut settings = hmac("X-Sign");
        settings.asset_field = Some(" customfield_10057 ".to_owned());
        settings.tags_in_titles = true;
        settings.statuses.insert("Waiting For Parts ".to_owned(), ticket::Status::OnHold);
        settings.priorities.insert("P1".to_owned(), ticket::Priority::Critical);
        for _ in 0..2 {
            let configure = Configure { connection: id, settings: settings.clone() };
            must(db.ledger.record(access, configure).await);
        }
        let kept = seen(&college, id).await.settings;
        assert_eq!(kept.proof, settings.proof);
        assert_eq!((kept.asset_field.as_deref(), kept.tags_in_titles), (Some("customfield_10057"), true));
        assert_eq!(kept.statuses.get("waiting for parts"), Some(&ticket::Status::OnHold));
        assert_eq!(kept.priorities.get("p1"), Some(&ticket::Priority::Critical));
        assert_eq!(gate(&college, id).await.map(|gate| gate.settings), Some(kept));
        must(db.ledger.record(access, Rename { connection: id, name: "Jira of the library".to_owned() }).await);
        assert_eq!(seen(&college, id).await.name, "Jira of the library");
        for _ in 0..2 {
            must(db.ledger.record(access, Pause { connection: id }).await);
        }
        assert_eq!(seen(&college, id).await.status, Status::Paused);
        assert!(gate(&college, id).await.is_none());
        for _ in 0..2 {
            must(db.ledger.record(access, Resume { connection: id }).await);
        }
        assert_eq!(secrets(&college, id).await, [secret.expose_secret()], "pausing changes no secret");
        let all = ["created", "configured", "paused", "resumed"].map(|what| format!("connection.{what}"));
        assert_eq!(facts(&db).await, all);
    }

    /// Two secrets are accepted side by side until the window ends or somebody ends it, and no third comes in between.
    async fn a_secret_changes_without_losing_a_letter(db: TestDb) {
        let college = College::found(&db).await;
        let access = &college.access;
        let (id, first) = connect(&college, Provider::Freshservice).await;
        for bad in [-1, WINDOW_MICROS_MAX + 1, i64::MAX] {
            assert_eq!(refusal(db.ledger.record(access, rotate(id, bad)).await), Refusal::BadWindow);
        }
        let second = must(db.ledger.record(access, rotate(id, WINDOW_MICROS_MAX)).await);
        let until = db.clock_now().plus_days(7);
        assert_eq!(secrets(&college, id).await, [second.expose_secret(), first.expose_secret()]);
        assert_eq!(gate(&college, id).await.and_then(|gate| gate.previous_until), Some(until));
        assert_eq!(seen(&college, id).await.previous_until, Some(until));
        assert_eq!(refusal(db.ledger.record(access, rotate(id, 0)).await), Refusal::Rotating);
        db.clock.advance_micros(7 * DAY_MICROS - 1);
        assert_eq!(refusal(db.ledger.record(access, rotate(id, 0)).await), Refusal::Rotating);
        db.clock.advance_micros(1);
        let third = must(db.ledger.record(access, rotate(id, WINDOW_MICROS)).await);
        assert_eq!(secrets(&college, id).await, [third.expose_secret(), second.expose_secret()]);
        for _ in 0..2 {
            must(db.ledger.record(access, EndRotation { connection: id }).await);
        }
        assert_eq!(secrets(&college, id).await, [third.expose_secret()]);
        assert_eq!(seen(&college, id).await.previous_until, None);
        let fourth = must(db.ledger.record(access, rotate(id, 0)).await);
        assert_eq!(secrets(&college, id).await, [fourth.expose_secret()], "at once means at once");
        assert_eq!(seen(&college, id).await.previous_until, None);
        let all = ["created", "secret_rotated", "secret_rotated", "rotation_ended", "secret_rotated"];
        assert_eq!(facts(&db).await, all.map(|what| format!("connection.{what}")));
    }

    /// Administrators tell secrets apart by something from which nobody can make them.
    async fn secrets_have_fingerprints(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (id, _) = connect(&college, Provider::Jamf).await;
        let first = fingerprints(&db, &college.access, id).await;
        must(db.ledger.record(&college.access, rotate(id, WINDOW_MICROS)).await);
        let both = fingerprints(&db, &college.access, id).await;
        assert_eq!((first.len(), both.len()), (1, 2));
        assert_eq!(both[1], first[0], "the one before is the one that was");
        assert!(both[0] != both[1] && both.iter().all(|one| one.len() == 8), "{both:?}");
        let below = college.access_of(&[(Role::UnitAdmin, college.units.root)]).await;
        for access in [&below, &other.access] {
            assert_eq!(fingerprints(&db, access, id).await, [""; 0]);
        }
        must(db.ledger.record(&college.access, Remove { connection: id }).await);
        assert_eq!(fingerprints(&db, &college.access, id).await, [""; 0]);
    }

    /// Of two who rotate at once one is told that a rotation is under way, and the secret of the other is the one that holds.
    async fn of_two_at_once_one_rotates(db: TestDb) {
        let college = College::found(&db).await;
        let (id, first) = connect(&college, Provider::Jamf).await;
        let (one, two) = tokio::join!(
            db.ledger.record(&college.access, rotate(id, WINDOW_MICROS)),
            db.ledger.record(&college.access, rotate(id, WINDOW_MICROS)),
        );
        let (won, lost) = match (one, two) {
            (Ok(won), lost) | (lost, Ok(won)) => (won, lost),
            (Err(one), Err(_)) => panic!("nobody rotates: {one}"),
        };
        assert_eq!(refusal(lost), Refusal::Rotating);
        assert_eq!(secrets(&college, id).await, [won.expose_secret(), first.expose_secret()]);
    }

    /// What is removed is not found any more, its secrets are gone, and its name stays to be read.
    async fn a_removed_connection_is_over(db: TestDb) {
        let college = College::found(&db).await;
        let access = &college.access;
        let (id, _) = connect(&college, Provider::Intune).await;
        must(db.ledger.record(access, rotate(id, WINDOW_MICROS)).await);
        for _ in 0..2 {
            must(db.ledger.record(access, Remove { connection: id }).await);
        }
        assert_eq!(whose(&db, id).await, None);
        assert!(gate(&college, id).await.is_none());
        let one = seen(&college, id).await;
        assert_eq!((one.status, one.name.as_str(), one.previous_until), (Status::Removed, "Main campus", None));
        let secrets = db.raw().await.number(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM connection_private WHERE secret_sealed IS NOT NULL OR previous_sealed IS NOT NULL",
        ).await;
        assert_eq!(secrets, 0);
        assert_eq!(refusals(&db, access, id).await, [Refusal::Removed; 6]);
        assert_eq!(facts(&db).await.last().map(String::as_str), Some("connection.removed"));
    }

    /// A hundred is enough; a removed one leaves its place to another.
    async fn connections_are_so_many(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let mut ids = Vec::new();
        for _ in 0..CONNECTIONS_MAX {
            ids.push(connect(&college, Provider::Jamf).await.0);
        }
        let more = || new_connection(Provider::Jira, "One more", master_key());
        assert_eq!(refusal(db.ledger.record(&college.access, more()).await), Refusal::TooMany);
        must(db.ledger.record(&college.access, Pause { connection: ids[0] }).await);
        assert_eq!(refusal(db.ledger.record(&college.access, more()).await), Refusal::TooMany);
        must(db.ledger.record(&college.access, Remove { connection: ids[1] }).await);
        must(db.ledger.record(&college.access, more()).await);
        must(db.ledger.record(&other.access, more()).await);
        let mut tx = db.read(&college.access).await;
        let list = must(store::list(&mut tx, &college.access).await);
        assert_eq!(list.len(), CONNECTIONS_MAX + 1, "the removed one is listed too");
        assert!(list.is_sorted_by_key(|one| one.seq));
    }

    /// Another organization's connection is as unknown as one that never was, also to whoever manages everything there.
    async fn another_organization_sees_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (id, secret) = connect(&college, Provider::Jamf).await;
        let theirs = &other.access;
        assert_eq!(found(&db, theirs, id).await, None);
        assert!(gate(&other, id).await.is_none());
        assert_eq!(refusals(&db, theirs, id).await, [Refusal::Unknown; 6]);
        assert_eq!(refusal(db.ledger.record(theirs, Remove { connection: id }).await), Refusal::Unknown);
        must(db.ledger.record(theirs, refused_letter(id, "planted")).await);
        must(db.ledger.record(&college.access, refused_letter(id, "no proof")).await);
        let mut tx = db.read(theirs).await;
        assert_eq!(must(store::list(&mut tx, theirs).await), []);
        assert_eq!(must(store::refused(&mut tx, theirs, id, 10).await), []);
        drop(tx);
        let mut tx = db.read(&college.access).await;
        let refused = must(store::refused(&mut tx, &college.access, id, 10).await);
        assert_eq!(refused.len(), 1, "a note of another organization is none");
        drop(tx);
        assert_eq!(secrets(&college, id).await, [secret.expose_secret()]);
        assert_eq!(whose(&db, id).await, Some(college.org));
    }

    /// Refused letters are remembered, the last hundred of each connection, the latest first; they are no facts.
    async fn refused_letters_are_remembered(db: TestDb) {
        let college = College::found(&db).await;
        let (id, _) = connect(&college, Provider::Jamf).await;
        let (quiet, _) = connect(&college, Provider::Jira).await;
        must(db.ledger.record(&college.access, refused_letter(quiet, "the header is missing")).await);
        for n in 0..REFUSALS_KEPT + 5 {
            db.clock.advance_micros(SECOND_MICROS);
            must(db.ledger.record(&college.access, refused_letter(id, &format!("reason {n}"))).await);
        }
        let mut tx = db.read(&college.access).await;
        let refused = must(store::refused(&mut tx, &college.access, id, 1_000).await);
        assert_eq!(refused.len(), usize::try_from(REFUSALS_KEPT).unwrap_or_default());
        let last = &refused[0];
        assert_eq!((last.reason.as_str(), last.status, last.bytes, last.times, last.at), ("reason 104", 401, 17, 2, db.clock_now()));
        assert_eq!(refused[99].reason, "reason 5");
        assert_eq!(must(store::refused(&mut tx, &college.access, id, 1).await).len(), 1);
        assert_eq!(must(store::refused(&mut tx, &college.access, quiet, 10).await).len(), 1);
        assert_eq!(facts(&db).await, ["connection.created"; 2]);
    }
}
