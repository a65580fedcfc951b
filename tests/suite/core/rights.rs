//! Who comes in and with which rights: sessions, grants and phones.

use std::sync::Arc;

use habeo_core::access::Access;
use habeo_core::access::{Action, Reach, Role};
use habeo_core::explain::Explain;
use habeo_core::grant;
use habeo_core::grant::command::{EndGrant, GiveGrant};
use habeo_core::id::{PushDeviceId, UnitId};
use habeo_core::idempotency;
use habeo_core::ledger::RecordError;
use habeo_core::org::command::link_issuer;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_core::push_device::command::{Register, Registered, Remove};
use habeo_core::push_device::{self, DEVICES_MAX, Platform};
use habeo_core::secret::MasterKey;
use habeo_core::session::{Credential, Refusal, Sessions};
use habeo_core::time::SECOND_MICROS;
use habeo_tests::builders::{College, ISSUER, Member};
use habeo_tests::{both_engines, must};

use super::refusal;

fn sessions(college: &College) -> Sessions {
    Sessions::new(college.db.ledger.clone())
}

fn grant_of(member: &Member, role: Role, root_unit: UnitId) -> GiveGrant {
    GiveGrant {
        person: member.person,
        role,
        root_unit,
        valid_to: None,
        remark: None,
    }
}

async fn phone(
    college: &College,
    access: &Access,
    token: &str,
) -> Result<Registered, RecordError<push_device::command::Refusal>> {
    let register = Register {
        token: token.to_owned(),
        platform: Platform::Ios,
        device_name: Some("Pocket".to_owned()),
        session: None,
        master_key: Arc::new(MasterKey::new([9; 32])),
    };
    let done = register.carry_out(&college.db.ledger, access, None).await;
    done.map(|done| done.answer).map_err(|error| match error {
        RecordError::Refused(idempotency::Refusal::Command(refusal)) => {
            RecordError::Refused(refusal)
        }
        RecordError::Refused(idempotency::Refusal::KeyReused) => {
            unreachable!("no key was given")
        }
        RecordError::Store(error) => RecordError::Store(error),
    })
}

async fn live_phones(college: &College) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM push_device WHERE removed_at IS NULL";
    college.db.raw().await.number(sql).await
}

both_engines! {
    /// An issuer and an organisation that nobody linked are unknown; the right pair only.
    async fn an_unknown_organisation_is_refused(db: TestDb) {
        let college = College::found(&db).await;
        let known = college.credential("user_x");
        for credential in [
            Credential { issuer: "https://other.example".to_owned(), ..known.clone() },
            Credential { organization: "eastmark".to_owned(), ..known.clone() },
            Credential { organization: String::new(), ..known.clone() },
        ] {
            let refused = sessions(&college).resolve(&credential).await;
            assert!(matches!(refused, Err(Refusal::UnknownOrganization)), "{refused:?}");
        }
        assert!(sessions(&college).resolve(&known).await.is_ok());
    }

    /// Whom the issuer vouches for becomes known once, with no rights; also when many requests arrive at once.
    async fn a_newcomer_becomes_known_once_and_without_rights(db: TestDb) {
        let college = College::found(&db).await;
        let credential = college.credential("user_new");
        let arrivals: Vec<_> = (0..8)
            .map(|_| {
                let (sessions, credential) = (sessions(&college), credential.clone());
                tokio::spawn(async move { must(sessions.resolve(&credential).await) })
            })
            .collect();
        let mut people = Vec::new();
        for arrival in arrivals {
            let session = must(arrival.await);
            for action in [Action::ReadAssets, Action::ReadPeople, Action::Register, Action::Grant, Action::Configure] {
                assert!(!session.access.may(action), "{action:?}");
            }
            people.push(session.person);
        }
        people.dedup();
        assert_eq!(people.len(), 1);
        let members = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM person").await;
        assert_eq!(members, 5);
    }

    /// The issuer's administrator is the first of an organisation that has none; the next one is nobody in particular.
    async fn the_first_administrator_comes_from_the_issuer(db: TestDb) {
        let college = College::found(&db).await;
        let admin = |subject: &str| Credential { admin: true, ..college.credential(subject) };
        let first = must(sessions(&college).resolve(&admin("user_first")).await);
        assert_eq!(first.access.reach(Action::Configure), Reach::Whole);
        let second = must(sessions(&college).resolve(&admin("user_second")).await);
        assert!(!second.access.may(Action::ReadAssets));
        let plain = must(sessions(&college).resolve(&college.credential("user_first")).await);
        assert_eq!(plain.access.reach(Action::Configure), Reach::Whole);
    }

    /// Who has left does not come in, and comes in again when they are back. The generation rises with each.
    async fn the_separated_are_refused(db: TestDb) {
        let college = College::found(&db).await;
        let member = college.member("Lea Example", college.units.physics, &[(Role::Custodian, college.units.physics)]).await;
        let sessions = sessions(&college);
        for (status, comes_in) in [(PersonStatus::Separated, false), (PersonStatus::Leave, true), (PersonStatus::Separated, false), (PersonStatus::Active, true)] {
            let before = sessions.generation(college.org);
            let change = ChangeStatus { person: member.person, status, separated_on: None };
            must(db.ledger.record(&college.access, change).await);
            assert!(sessions.generation(college.org) > before);
            assert_eq!(sessions.resolve(&member.credential).await.is_ok(), comes_in, "{status}");
        }
    }

    /// Giving, ending and the passing of time change what somebody may; the first two are noticed by the generation.
    async fn rights_follow_the_grants(db: TestDb) {
        let college = College::found(&db).await;
        let sessions = sessions(&college);
        let member = college.member("Max Example", college.units.physics, &[]).await;
        let may = async || college.sign_in(&member).await.access.may(Action::Custody);
        assert!(!may().await);
        let before = sessions.generation(college.org);
        let grant = college.grant(member.person, Role::Custodian, college.units.physics).await;
        assert!(sessions.generation(college.org) > before);
        assert!(may().await);
        let before = sessions.generation(college.org);
        must(db.ledger.record(&college.access, EndGrant { grant, remark: None }).await);
        assert!(sessions.generation(college.org) > before);
        assert!(!may().await);
        let valid_to = Some(db.ledger.clock().now().plus_micros(60 * SECOND_MICROS));
        let brief = GiveGrant { valid_to, ..grant_of(&member, Role::Custodian, college.units.physics) };
        must(db.ledger.record(&college.access, brief).await);
        assert!(may().await);
        db.clock.advance_micros(60 * SECOND_MICROS);
        assert!(!may().await);
        let unrelated = sessions.generation(college.org);
        college.asset("Irrelevant").register().await;
        assert_eq!(sessions.generation(college.org), unrelated);
    }

    /// A grant below another of the same rights adds nothing; one with other rights does.
    async fn grants_are_reduced_to_the_topmost(db: TestDb) {
        let college = College::found(&db).await;
        let units = college.units;
        let access = college.access_of(&[(Role::Custodian, units.science), (Role::Custodian, units.physics), (Role::Auditor, units.chemistry), (Role::Technician, units.arts)]).await;
        let Reach::Below(mut roots) = access.reach(Action::Custody) else { panic!("not whole") };
        let mut expected = [units.science, units.arts];
        roots.sort_unstable();
        expected.sort_unstable();
        assert_eq!(roots, expected);
        assert_eq!(access.reach(Action::ReadLedger), Reach::Below(vec![units.chemistry]));
        assert_eq!(access.reach(Action::Configure), Reach::Below(Vec::new()));
    }

    /// Nobody gives what they do not have, nor where they do not have it.
    async fn nobody_raises_anybody_above_themselves(db: TestDb) {
        let college = College::found(&db).await;
        let units = college.units;
        let member = college.member("Mia Example", units.physics, &[]).await;
        let unit_admin = college.access_of(&[(Role::UnitAdmin, units.science)]).await;
        let custodian = college.access_of(&[(Role::Custodian, units.root)]).await;
        let try_grant = async |access: &Access, role, root| {
            db.ledger.record(access, grant_of(&member, role, root)).await
        };
        for (access, role, root) in [
            (&unit_admin, Role::OrgAdmin, units.root),
            (&unit_admin, Role::OrgAdmin, units.science),
            (&unit_admin, Role::UnitAdmin, units.root),
            (&unit_admin, Role::Custodian, units.arts),
            (&unit_admin, Role::Custodian, units.history),
            (&custodian, Role::Requester, units.physics),
        ] {
            assert_eq!(refusal(try_grant(access, role, root).await).code(), "grant_not_permitted", "{role}");
        }
        assert_eq!(refusal(try_grant(&unit_admin, Role::Auditor, units.physics).await).code(), "grant_not_permitted", "an auditor reads the ledger, a unit administrator does not");
        for (role, root) in [(Role::UnitAdmin, units.science), (Role::Custodian, units.physics), (Role::Requester, units.chemistry)] {
            must(try_grant(&unit_admin, role, root).await);
        }
        assert_eq!(refusal(try_grant(&college.access, Role::OrgAdmin, units.science).await).code(), "grant_not_at_root");
        for remark in ["a\u{0}b".to_owned(), "x".repeat(2_001)] {
            let grant = GiveGrant { remark: Some(remark), ..grant_of(&member, Role::Requester, units.physics) };
            assert_eq!(refusal(db.ledger.record(&college.access, grant).await).code(), "grant_remark_invalid");
        }
        let above = college.grant(member.person, Role::Custodian, units.history).await;
        let ended = db.ledger.record(&unit_admin, EndGrant { grant: above, remark: None }).await;
        assert!(matches!(refusal(ended), grant::command::Refusal::Unknown));
    }

    /// A phone of one person, under its token, is one phone.
    async fn a_phone_has_one_owner_at_a_time(db: TestDb) {
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let (one, other, foreign) = (ours.access_of(&[]).await, ours.access_of(&[]).await, theirs.access_of(&[]).await);
        let token = "ExponentPushToken[abcdefghijklmnopqrstuv]";
        let first = must(phone(&ours, &one, token).await);
        assert_eq!(must(phone(&ours, &one, token).await).id, first.id);
        let second = must(phone(&ours, &other, token).await);
        assert_ne!(second.id, first.id);
        assert_eq!(live_phones(&ours).await, 1);
        let third = must(phone(&theirs, &foreign, token).await);
        assert_eq!(live_phones(&ours).await, 1);
        let directory = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_token_directory").await;
        assert_eq!(directory, 1);
        let back = must(phone(&ours, &one, token).await);
        assert_eq!(live_phones(&ours).await, 1);
        let gone = db.ledger.record(&foreign, Remove { device: third.id }).await;
        assert_eq!(refusal(gone).code(), "push_device_unknown");
        must(db.ledger.record(&one, Remove { device: back.id }).await);
        let mut raw = db.raw().await;
        for table in ["push_device_private", "push_token_directory"] {
            assert_eq!(raw.number(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}")).await, 0, "{table}");
        }
    }

    /// Twenty phones and no more; somebody else's is nobody's business; a token is never stored readably.
    async fn phones_have_their_limits(db: TestDb) {
        let college = College::found(&db).await;
        let (one, other) = (college.access_of(&[]).await, college.access_of(&[]).await);
        let mut last = None;
        for n in 0..DEVICES_MAX {
            last = Some(must(phone(&college, &one, &format!("ExpoPushToken[readable{n}]")).await));
        }
        assert_eq!(refusal(phone(&college, &one, "ExpoPushToken[another]").await).code(), "push_device_limit_reached");
        for token in ["", "nonsense", "ExpoPushToken[]"] {
            assert_eq!(refusal(phone(&college, &one, token).await).code(), "push_token_invalid");
        }
        assert_eq!(refusal(phone(&college, &college.access, "ExpoPushToken[a]").await).code(), "push_device_not_a_person");
        let last = must(last.ok_or("no phone"));
        for device in [last.id, PushDeviceId::from_uuid(uuid::Uuid::nil())] {
            let removed = db.ledger.record(&other, Remove { device }).await;
            assert_eq!(refusal(removed).code(), "push_device_unknown");
        }
        must(db.ledger.record(&one, Remove { device: last.id }).await);
        must(phone(&college, &one, "ExpoPushToken[another]").await);
        let stored = db.raw().await.texts("SELECT bytes FROM ledger_entry").await;
        assert!(stored.iter().all(|bytes| !bytes.contains("readable")));
    }

    /// An issuer's name for an organisation belongs to one of them, and linking it again is fine.
    async fn an_issuer_names_one_organisation(db: TestDb) {
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        must(link_issuer(&db.ledger, ours.org, ISSUER, "org_2").await);
        must(link_issuer(&db.ledger, ours.org, ISSUER, "org_2").await);
        assert_eq!(refusal(link_issuer(&db.ledger, theirs.org, ISSUER, "org_2").await).code(), "org_external_taken");
    }

    /// A repeated request is answered as the first time and carried out once; another body under its key is refused.
    async fn a_key_carries_out_one_request(db: TestDb) {
        let college = College::found(&db).await;
        let access = college.access_of(&[(Role::Technician, college.units.physics)]).await;
        let register = |token: &str| Register {
            token: token.to_owned(),
            platform: Platform::Android,
            device_name: None,
            session: None,
            master_key: Arc::new(MasterKey::new([9; 32])),
        };
        let key = idempotency::Key::parse("once-1").ok();
        let access = &access;
        let ledger = &college.db.ledger;
        let first = register("ExpoPushToken[a]").carry_out(ledger, access, key.clone()).await.expect("the first time");
        let again = register("ExpoPushToken[a]").carry_out(ledger, access, key.clone()).await.expect("the second time");
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!(first.answer, again.answer);
        let other = register("ExpoPushToken[b]").carry_out(ledger, access, key).await;
        assert!(matches!(other, Err(RecordError::Refused(idempotency::Refusal::KeyReused))));
        assert_eq!(live_phones(&college).await, 1);
    }
}
