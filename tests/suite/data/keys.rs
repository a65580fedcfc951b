//! Sealed values under changing master keys.

use std::sync::Arc;

use habeo_core::connection::command::RotateSecret;
use habeo_core::connection::{self, Provider, WINDOW_MICROS};
use habeo_core::inbox::{About, Inbox, Incoming};
use habeo_core::install;
use habeo_core::install::command::Connect;
use habeo_core::push_device::Platform;
use habeo_core::push_device::command::Register;
use habeo_core::random::SeededRandom;
use habeo_core::secret::reseal::{self, COLUMNS, ResealError};
use habeo_core::secret::{MasterKey, Place};
use habeo_core::{installation, secret};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::connect;
use habeo_tests::builders::connection::new_connection;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};
use secrecy::ExposeSecret as _;

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

async fn secret_of(
    db: &TestDb,
    keys: &MasterKey,
) -> Result<Vec<u8>, installation::InstallationError> {
    let random = SeededRandom::new(3);
    let now = db.ledger.clock().now();
    let secret = installation::secret(db.db(), keys, "test", now, &random, || b"kept".to_vec());
    secret.await.map(|secret| secret.expose_secret().clone())
}

async fn phone(college: &College, keys: MasterKey, name: &str) {
    let member = college.member(name, college.units.physics, &[]).await;
    let access = college.sign_in(&member).await.access;
    let register = Register {
        token: format!("ExpoPushToken[{name}]"),
        platform: Platform::Ios,
        device_name: None,
        session: None,
        master_key: Arc::new(keys),
    };
    must(register.carry_out(&college.db.ledger, &access, None).await);
}

both_engines! {
    /// What the old key sealed is carried over a chunk at a time, also by two who do it at once; then the old key may go.
    async fn what_the_previous_key_sealed_is_sealed_anew(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "other").await;
        must(secret_of(&db, &MasterKey::new(OLD)).await);
        for n in 0..3 {
            phone(&college, MasterKey::new(OLD), &format!("a{n}")).await;
        }
        phone(&other, MasterKey::new(OLD), "b0").await;
        phone(&college, MasterKey::new(NEW), "c0").await;

        let alone = MasterKey::new(NEW);
        let unknown = reseal::check(db.db(), &alone).await;
        assert!(matches!(unknown, Err(ResealError::KeyUnknown { .. })), "{unknown:?}");
        let keys = MasterKey::new(NEW).beside(OLD);
        must(reseal::check(db.db(), &keys).await);
        let usage = must(reseal::usage(db.db()).await);
        assert_eq!(usage.get(&MasterKey::new(OLD).id()), Some(&5));

        let random = SeededRandom::new(4);
        let (one, two) = tokio::join!(
            reseal::reseal(db.db(), &keys, &random, &|_| {}),
            reseal::reseal(db.db(), &keys, &random, &|_| {}),
        );
        assert_eq!(must(one) + must(two), 5);
        must(reseal::check(db.db(), &alone).await);
        assert_eq!(must(secret_of(&db, &alone).await), b"kept");
        assert_eq!(must(reseal::reseal(db.db(), &keys, &random, &|_| {}).await), 0);
    }

    /// Tokens of workspaces and messages that came in are carried over like everything else that is sealed.
    async fn tokens_and_messages_are_sealed_anew(db: TestDb) {
        let college = College::found(&db).await;
        let old = || Arc::new(MasterKey::new(OLD));
        let admin = college.administrator().await;
        let new = Connect { master_key: old(), ..connect("T1") };
        let id = must(db.ledger.record(&admin, new).await);
        let message = Incoming { org: college.org, source: "slack", key: "Ev1", lane: None, body: b"said", about: About::default() };
        must(Inbox::new(db.ledger.clone(), old()).receive(message).await);
        let keys = MasterKey::new(NEW).beside(OLD);
        assert_eq!(must(reseal::usage(db.db()).await).get(&MasterKey::new(OLD).id()), Some(&2));
        assert_eq!(must(reseal::reseal(db.db(), &keys, &SeededRandom::new(6), &|_| {}).await), 2);
        let alone = MasterKey::new(NEW);
        must(reseal::check(db.db(), &alone).await);
        let mut tx = db.read(&college.access).await;
        let tokens = must(install::store::tokens(&mut tx, &college.access, id, &alone).await);
        assert_eq!(tokens.map(|tokens| tokens.access.expose_secret().to_owned()).as_deref(), Some("access-first"));
        drop(tx);
        let claimed = must(Inbox::new(db.ledger.clone(), Arc::new(alone)).claim("slack", 1).await);
        assert_eq!(claimed[0].body, b"said");
    }

    /// Both secrets of a connection are carried over, each in its own column.
    async fn secrets_of_connections_are_sealed_anew(db: TestDb) {
        let college = College::found(&db).await;
        let old = || Arc::new(MasterKey::new(OLD));
        let (id, first) = must(db.ledger.record(&college.access, new_connection(Provider::Jamf, "Main campus", old())).await);
        let rotate = RotateSecret { connection: id, window_micros: WINDOW_MICROS, master_key: old() };
        let second = must(db.ledger.record(&college.access, rotate).await);
        let keys = MasterKey::new(NEW).beside(OLD);
        assert_eq!(must(reseal::usage(db.db()).await).get(&MasterKey::new(OLD).id()), Some(&2));
        assert_eq!(must(reseal::reseal(db.db(), &keys, &SeededRandom::new(8), &|_| {}).await), 2);
        let mut tx = db.read(&college.access).await;
        let gate = must(connection::store::gate(&mut tx, &college.access, id, &MasterKey::new(NEW)).await);
        let secrets: Vec<String> = gate.into_iter().flat_map(|gate| gate.secrets).map(|secret| secret.expose_secret().to_owned()).collect();
        assert_eq!(secrets, [second.expose_secret(), first.expose_secret()]);
    }

    /// A column that holds sealed values and is not listed would be forgotten by a rotation.
    async fn every_sealed_column_is_listed(db: TestDb) {
        let mut raw = db.raw().await;
        let mut sealed = Vec::new();
        for table in raw.tables().await {
            let columns = match db.engine() {
                habeo_core::store::Engine::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
                habeo_core::store::Engine::Postgres => {
                    format!("SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'")
                }
            };
            let columns = raw.texts(&columns).await;
            sealed.extend(columns.into_iter().filter(|name| name.contains("sealed")).map(|name| format!("{table}.{name}")));
        }
        sealed.sort();
        let mut listed: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        listed.sort_unstable();
        assert_eq!(sealed, listed);
    }
}

#[test]
fn a_value_of_either_slot_opens() {
    let random = SeededRandom::new(5);
    let place = Place {
        column: "a.b",
        org: None,
        row: b"row",
    };
    let sealed = MasterKey::new(OLD).seal(place, b"x", &random);
    let keys = MasterKey::new(NEW).beside(OLD);
    assert!(keys.open(place, &sealed).is_ok());
    assert_eq!(secret::KeyId::of(&sealed), Some(MasterKey::new(OLD).id()));
}
