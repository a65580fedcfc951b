//! Workspaces: who connects them, whose they are, and the tokens by which they are spoken to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use habeo_core::access::{Access, Role};
use habeo_core::explain::Explain;
use habeo_core::grant::command::EndGrant;
use habeo_core::id::{InstallId, OrgId};
use habeo_core::install::command::{
    Activate, BeginInstall, Configure, Connect, Disconnect, NeedReinstall, NoteHealth,
    NoteRecovery, TakeState,
};
use habeo_core::install::rotate::{RotateError, Rotation, Wanted};
use habeo_core::install::{
    EndReason, Install, Platform, Refusal, STATE_LIFE_MICROS, Settings, Status, store,
};
use habeo_core::ledger::{Ledger, tree};
use habeo_core::secret::MasterKey;
use habeo_core::time::{MINUTE_MICROS, SECOND_MICROS};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::{connect, master_key, tokens};
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};
use secrecy::{ExposeSecret as _, SecretString};

use super::refusal;

const COOKIE: [u8; 32] = [1; 32];

async fn begin(college: &College, access: &Access) -> SecretString {
    let begin = BeginInstall {
        platform: Platform::Slack,
        cookie_hash: COOKIE.to_vec(),
    };
    must(college.db.ledger.record(access, begin).await)
}

fn take(state: &SecretString) -> TakeState {
    TakeState {
        platform: Platform::Slack,
        state: state.clone(),
        cookie_hash: COOKIE.to_vec(),
    }
}

async fn install(college: &College, id: InstallId) -> Install {
    let mut tx = college.db.read(&college.access).await;
    let found = must(store::by_id(&mut tx, &college.access, id).await);
    must(found.ok_or("no such installation"))
}

async fn bound_to(db: &TestDb, key: &str) -> Option<(OrgId, InstallId)> {
    let mut tx = must(db.db().read_directory().await);
    must(store::by_workspace(&mut tx, Platform::Slack, key).await)
}

async fn access_token(college: &College, id: InstallId) -> Option<String> {
    let mut tx = college.db.read(&college.access).await;
    let tokens = store::tokens(&mut tx, &college.access, id, &master_key()).await;
    must(tokens).map(|tokens| tokens.access.expose_secret().to_owned())
}

fn pending(key: &str) -> Connect {
    Connect {
        pending: true,
        tokens: None,
        ..connect(key)
    }
}

both_engines! {
    /// A state is good once, for whoever began, in the same browser, on the same service, for ten minutes, while they still may.
    async fn a_state_is_taken_once_by_who_began_in_the_same_browser(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let member = college.member("Ira Example", college.units.root, &[]).await;
        let grant = college.grant(member.person, Role::OrgAdmin, college.units.root).await;
        let admin = college.sign_in(&member).await.access;
        let another = college.administrator().await;
        let stranger = other.administrator().await;
        let state = begin(&college, &admin).await;
        for (access, take) in [
            (&admin, TakeState { cookie_hash: vec![2; 32], ..take(&state) }),
            (&admin, TakeState { platform: Platform::Teams, ..take(&state) }),
            (&admin, TakeState { state: "elsewhere".to_owned().into(), ..take(&state) }),
            (&another, take(&state)),
            (&stranger, take(&state)),
        ] {
            assert_eq!(refusal(db.ledger.record(access, take).await), Refusal::StateUnknown);
        }
        must(db.ledger.record(&admin, take(&state)).await);
        assert_eq!(refusal(db.ledger.record(&admin, take(&state)).await), Refusal::StateUnknown);

        let state = begin(&college, &admin).await;
        db.clock.advance_micros(STATE_LIFE_MICROS);
        assert_eq!(refusal(db.ledger.record(&admin, take(&state)).await), Refusal::StateUnknown);

        let state = begin(&college, &admin).await;
        must(db.ledger.record(&college.access, EndGrant { grant, remark: None }).await);
        let demoted = college.sign_in(&member).await.access;
        assert_eq!(refusal(db.ledger.record(&demoted, take(&state)).await), Refusal::NotPermitted);
    }

    /// Neither administrators of a unit nor Habeo itself connect a workspace.
    async fn only_administrators_of_the_whole_connect(db: TestDb) {
        let college = College::found(&db).await;
        let below = college.access_of(&[(Role::UnitAdmin, college.units.root)]).await;
        for access in [&below, &college.access] {
            let begun = BeginInstall { platform: Platform::Slack, cookie_hash: COOKIE.to_vec() };
            assert_eq!(refusal(db.ledger.record(access, begun).await), Refusal::NotPermitted);
            assert_eq!(refusal(db.ledger.record(access, connect("T1")).await), Refusal::NotPermitted);
        }
        let id = college.workspace("T1").await;
        let disconnect = Disconnect { install: id, reason: EndReason::Removed };
        assert_eq!(refusal(db.ledger.record(&below, disconnect).await), Refusal::NotPermitted);
        let mut tx = db.read(&below).await;
        assert_eq!(must(store::list(&mut tx, &below).await), []);
    }

    /// A workspace is one organization's, until that one lets it go; connecting it again gives it other tokens.
    async fn a_workspace_belongs_to_one_organization(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (admin, stranger) = (college.administrator().await, other.administrator().await);
        let id = must(db.ledger.record(&admin, connect("T1")).await);
        assert_eq!(bound_to(&db, "T1").await, Some((college.org, id)));
        assert_eq!(bound_to(&db, "T2").await, None);
        for new in [connect("T1"), pending("T1")] {
            assert_eq!(refusal(db.ledger.record(&stranger, new).await), Refusal::BoundElsewhere);
        }
        assert_eq!(access_token(&college, id).await.as_deref(), Some("access-first"));
        let again = Connect { tokens: Some(tokens("second", None)), scopes: vec!["commands".to_owned()], ..connect("T1") };
        assert_eq!(must(db.ledger.record(&admin, again).await), id);
        assert_eq!(access_token(&college, id).await.as_deref(), Some("access-second"));
        assert_eq!(install(&college, id).await.scopes, ["commands"]);

        let disconnect = Disconnect { install: id, reason: EndReason::Uninstalled };
        must(db.ledger.record(&college.access, disconnect).await);
        must(db.ledger.record(&college.access, disconnect).await);
        assert_eq!(install(&college, id).await.status, Status::Ended);
        assert_eq!((bound_to(&db, "T1").await, access_token(&college, id).await), (None, None));
        let theirs = must(db.ledger.record(&stranger, connect("T1")).await);
        assert_eq!(bound_to(&db, "T1").await, Some((other.org, theirs)));
        assert_eq!(refusal(db.ledger.record(&admin, connect("T1")).await), Refusal::BoundElsewhere);
    }

    /// Whoever only says that a workspace is theirs keeps others from saying so for an hour, and nobody from showing it.
    async fn a_claim_without_proof_gives_way(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (admin, stranger) = (college.administrator().await, other.administrator().await);
        let id = must(db.ledger.record(&admin, pending("T1")).await);
        assert_eq!(install(&college, id).await.status, Status::Pending);
        assert_eq!(refusal(db.ledger.record(&stranger, pending("T1")).await), Refusal::BoundElsewhere);
        let theirs = must(db.ledger.record(&stranger, connect("T1")).await);
        assert_eq!(bound_to(&db, "T1").await, Some((other.org, theirs)));
        assert_eq!(refusal(db.ledger.record(&college.access, Activate { install: id }).await), Refusal::BoundElsewhere);

        let id = must(db.ledger.record(&admin, pending("T2")).await);
        assert_eq!(refusal(db.ledger.record(&admin, Activate { install: id }).await), Refusal::NotPermitted);
        must(db.ledger.record(&college.access, Activate { install: id }).await);
        must(db.ledger.record(&college.access, Activate { install: id }).await);
        assert_eq!(install(&college, id).await.status, Status::Live);
        // What was shown stays so when it is merely said again.
        assert_eq!(must(db.ledger.record(&admin, pending("T2")).await), id);
        assert_eq!(install(&college, id).await.status, Status::Live);
        assert_eq!(refusal(db.ledger.record(&stranger, pending("T2")).await), Refusal::BoundElsewhere);

        must(db.ledger.record(&admin, pending("T3")).await);
        db.clock.advance_micros(60 * MINUTE_MICROS);
        let late = must(db.ledger.record(&stranger, pending("T3")).await);
        assert_eq!(bound_to(&db, "T3").await, Some((other.org, late)));
    }

    /// Two organizations that connect the same workspace at once: one has it.
    async fn of_two_at_once_one_connects(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (admin, stranger) = (college.administrator().await, other.administrator().await);
        let (one, two) = tokio::join!(db.ledger.record(&admin, connect("T1")), db.ledger.record(&stranger, connect("T1")));
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
        let (org, id) = must(bound_to(&db, "T1").await.ok_or("nobody has it"));
        let winner = if org == college.org { &college } else { &other };
        assert_eq!(install(winner, id).await.status, Status::Live);
    }

    /// Settings are checked and recorded; health is kept beside the ledger, to the minute.
    async fn settings_and_health(db: TestDb) {
        let college = College::found(&db).await;
        let id = college.workspace("T1").await;
        assert_eq!(install(&college, id).await.settings, Settings::default());
        let configure = |domains: &[&str]| Configure {
            install: id,
            settings: Settings { trusted_email_domains: domains.iter().map(ToString::to_string).collect(), share_in_channels: true },
        };
        let many: Vec<String> = (0..21).map(|n| format!("a{n}.edu")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for bad in [&["*"][..], &["edu"], &["@westmark.edu"], &many] {
            assert_eq!(refusal(db.ledger.record(&college.access, configure(bad)).await), Refusal::BadDomain, "{bad:?}");
        }
        must(db.ledger.record(&college.access, configure(&["Westmark.EDU", "law.westmark.edu", "westmark.edu"])).await);
        let settings = install(&college, id).await.settings;
        assert_eq!(settings.trusted_email_domains, ["law.westmark.edu", "westmark.edu"]);
        assert!(settings.share_in_channels);

        let start = db.clock_now();
        let came_in = || NoteHealth { install: id, error: None };
        must(db.ledger.record(&college.access, came_in()).await);
        db.clock.advance_micros(30 * SECOND_MICROS);
        must(db.ledger.record(&college.access, came_in()).await);
        assert_eq!(install(&college, id).await.health.last_event_at, Some(start));
        db.clock.advance_micros(30 * SECOND_MICROS);
        must(db.ledger.record(&college.access, came_in()).await);
        assert_eq!(install(&college, id).await.health.last_event_at, Some(start.plus_micros(MINUTE_MICROS)));

        let failed = NoteHealth { install: id, error: Some("Slack asks to wait".to_owned()) };
        must(db.ledger.record(&college.access, failed.clone()).await);
        let error_at = must(install(&college, id).await.health.last_error_at.ok_or("it was noted"));
        db.clock.advance_micros(1);
        must(db.ledger.record(&college.access, failed).await);
        let recovered = |error_at| NoteRecovery { install: id, error_at };
        must(db.ledger.record(&college.access, recovered(error_at)).await);
        assert!(install(&college, id).await.health.last_error.is_some(), "there was more trouble since");
        must(db.ledger.record(&college.access, recovered(error_at.plus_micros(1))).await);
        assert_eq!(install(&college, id).await.health.last_error, None);

        let need = |token: &str| NeedReinstall { install: id, token: token.to_owned().into(), error: "token_revoked\n".to_owned(), master_key: master_key() };
        // Whoever still had the token before hears of its end after another one was stored.
        must(db.ledger.record(&college.access, need("access-before")).await);
        let after = install(&college, id).await;
        assert_eq!((after.status, after.health.last_error), (Status::Live, None));
        let need = need("access-first");
        must(db.ledger.record(&college.access, need.clone()).await);
        must(db.ledger.record(&college.access, need).await);
        let after = install(&college, id).await;
        assert_eq!((after.status, after.health.last_error.as_deref()), (Status::NeedsReinstall, Some("token_revoked ")));
        let at = must(after.health.last_error_at.ok_or("it was noted"));
        must(db.ledger.record(&college.access, recovered(at)).await);
        assert!(install(&college, id).await.health.last_error.is_some(), "what needs an administrator stays to be read");
        assert_eq!(refusal(db.ledger.record(&college.access, Activate { install: id }).await), Refusal::NotLive);
        let facts = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type LIKE 'install.%'").await;
        assert_eq!(facts, 3, "connected, configured and one need of tokens");
    }

    /// What does not fit a service's keys is refused, and so is every id of another organization.
    async fn what_is_no_key_and_what_is_elsewhere_is_refused(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let admin = college.administrator().await;
        let long = "T".repeat(129);
        for (code, new) in [
            ("install_key_invalid", connect("")),
            ("install_key_invalid", connect("T 1")),
            ("install_key_invalid", connect(&long)),
            ("install_key_invalid", Connect { bot_user: String::new(), ..connect("T1") }),
            ("install_key_invalid", Connect { scopes: vec!["a b".to_owned()], ..connect("T1") }),
            ("install_name_invalid", Connect { name: " ".to_owned(), ..connect("T1") }),
        ] {
            assert_eq!(refusal(db.ledger.record(&admin, new).await).code(), code);
        }
        let install = other.workspace("T1").await;
        let ours = &college.access;
        let unknown = [
            refusal(db.ledger.record(ours, Activate { install }).await),
            refusal(db.ledger.record(ours, NeedReinstall { install, token: String::new().into(), error: String::new(), master_key: master_key() }).await),
            refusal(db.ledger.record(ours, Configure { install, settings: Settings::default() }).await),
            refusal(db.ledger.record(ours, Disconnect { install, reason: EndReason::Removed }).await),
        ];
        assert!(unknown.iter().all(|refusal| *refusal == Refusal::Unknown), "{unknown:?}");
        assert_eq!(access_token(&college, install).await, None);
        let disconnect = Disconnect { install, reason: EndReason::Removed };
        must(db.ledger.record(&other.access, disconnect).await);
        let configure = Configure { install, settings: Settings::default() };
        assert_eq!(refusal(db.ledger.record(&other.access, configure).await), Refusal::Ended);
    }

    /// Tokens are nowhere in the database as they are, and open with their key only.
    async fn tokens_are_sealed(db: TestDb) {
        let college = College::found(&db).await;
        let id = college.workspace("T1").await;
        let sealed = match db.engine() {
            habeo_core::store::Engine::Sqlite => "SELECT lower(hex(tokens_sealed)) FROM install_private",
            habeo_core::store::Engine::Postgres => "SELECT encode(tokens_sealed, 'hex') FROM install_private",
        };
        let sealed = db.raw().await.texts(sealed).await.concat();
        let plain = tree::hex(b"access-first");
        assert!(sealed.len() > 100 && !sealed.contains(&plain));
        let mut tx = db.read(&college.access).await;
        let other = MasterKey::new([8; 32]);
        assert!(store::tokens(&mut tx, &college.access, id, &other).await.is_err());
    }

    /// Sixteen who need tokens at once, on two nodes: the service is asked once, and all of them get what it gave.
    async fn tokens_are_fetched_once_for_all_who_ask(db: TestDb) {
        let college = College::found(&db).await;
        let admin = college.administrator().await;
        let soon = db.clock_now().plus_micros(MINUTE_MICROS);
        let later = soon.plus_days(1);
        let new = Connect { tokens: Some(tokens("first", Some(soon))), ..connect("T1") };
        let id = must(db.ledger.record(&admin, new).await);
        let elsewhere = Ledger::new(db.spare().await, Arc::clone(&db.clock) as _, db.ledger.shared_random());
        let nodes = [Rotation::new(db.ledger.clone(), master_key()), Rotation::new(elsewhere.clone(), master_key())];
        let fetched = Arc::new(AtomicUsize::new(0));
        let asking = (0..16).map(|n| {
            let (node, access, fetched) = (nodes[n % 2].clone(), college.access.clone(), Arc::clone(&fetched));
            tokio::spawn(async move {
                let wanted = Wanted::HoldFor(2 * MINUTE_MICROS);
                let got = node.tokens(&access, id, wanted, |before| async move {
                    assert_eq!(before.refresh.map(|token| token.expose_secret().to_owned()).as_deref(), Some("refresh-first"));
                    fetched.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
                    Ok::<_, String>(tokens("second", Some(later)))
                });
                must(got.await).access.expose_secret().to_owned()
            })
        });
        for got in asking.collect::<Vec<_>>() {
            assert_eq!(must(got.await), "access-second");
        }
        assert_eq!(fetched.load(Ordering::SeqCst), 1);
        assert_eq!(access_token(&college, id).await.as_deref(), Some("access-second"));
        must(elsewhere.db().clone().answers().await);
        elsewhere.db().close().await;
    }

    /// What a service does not give is not stored; what it is displeased with is fetched anew although it should hold; none is none.
    async fn fetching_that_fails_changes_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let id = college.workspace("T1").await;
        let rotation = Rotation::new(db.ledger.clone(), master_key());
        let access = &college.access;
        let never = |_| async { Err::<habeo_core::install::Tokens, _>("not asked for".to_owned()) };
        let held = must(rotation.tokens(access, id, Wanted::HoldFor(MINUTE_MICROS), never).await);
        assert_eq!(held.access.expose_secret(), "access-first");
        let used = || Wanted::OtherThan("access-first".to_owned().into());
        let failed = rotation.tokens(access, id, used(), never).await;
        assert!(matches!(failed, Err(RotateError::Fetch(_))), "{failed:?}");
        assert_eq!(access_token(&college, id).await.as_deref(), Some("access-first"));
        let got = rotation.tokens(access, id, used(), |_| async { Ok::<_, String>(tokens("third", None)) }).await;
        assert_eq!(must(got).access.expose_secret(), "access-third");
        let got = must(rotation.tokens(access, id, used(), never).await);
        assert_eq!(got.access.expose_secret(), "access-third");
        must(db.ledger.record(access, Disconnect { install: id, reason: EndReason::Revoked }).await);
        let none = rotation.tokens(access, id, used(), never).await;
        assert!(matches!(none, Err(RotateError::None)), "{none:?}");
    }
}
