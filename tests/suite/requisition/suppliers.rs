//! Suppliers: who connects them, what proves that they are themselves, and what is left when they are over.

use habeo_core::access::Role;
use habeo_core::explain::Explain as _;
use habeo_core::supplier::command::{
    Configure, EndRotation, Pause, Remove, Rename, Resume, RotateTheirs, SetOurs,
};
use habeo_core::supplier::{Credential, Gate, Refusal, Status, WINDOW_MICROS_MAX, store};
use habeo_core::time::DAY_MICROS;
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::{both_engines, must};
use secrecy::{ExposeSecret as _, SecretString};

use super::{entries, is_whole, new_supplier, settings};
use crate::core::refusal;

fn theirs(identity: &str) -> Vec<Credential> {
    vec![Credential {
        domain: "duns".to_owned(),
        identity: identity.to_owned(),
    }]
}

async fn gate(college: &College, id: habeo_core::id::SupplierId) -> Option<Gate> {
    let mut tx = college.db.read(&college.access).await;
    must(store::gate(&mut tx, &college.access, id, &master_key()).await)
}

both_engines! {
    /// A supplier is let in by one of its own credentials together with a secret that holds now, and by nothing else.
    async fn a_supplier_proves_itself_while_its_secret_changes(db: TestDb) {
        let college = College::found(&db).await;
        let (id, first) = must(db.ledger.record(&college.access, new_supplier("Example Supplies")).await);
        let known = theirs("942888711");
        let now = db.clock_now();
        let open = gate(&college, id).await.expect("it is active");
        assert!(open.admits(&known, &first, now));
        assert!(!open.admits(&theirs("somebody else"), &first, now));
        assert!(!open.admits(&known, &SecretString::from("guess"), now));
        assert!(!open.admits(&[], &first, now));
        let rotate = |window_micros| RotateTheirs { supplier: id, secret: None, window_micros, master_key: master_key() };
        let second = must(db.ledger.record(&college.access, rotate(DAY_MICROS)).await);
        assert_eq!(refusal(db.ledger.record(&college.access, rotate(0)).await), Refusal::Rotating);
        let both = gate(&college, id).await.expect("it is active");
        assert!(both.admits(&known, &first, now) && both.admits(&known, &second, now));
        let later = now.plus_micros(DAY_MICROS);
        assert!(!both.admits(&known, &first, later) && both.admits(&known, &second, later));
        must(db.ledger.record(&college.access, EndRotation { supplier: id }).await);
        let one = gate(&college, id).await.expect("it is active");
        assert!(!one.admits(&known, &first, now) && one.admits(&known, &second, now));
        assert_eq!(refusal(db.ledger.record(&college.access, rotate(WINDOW_MICROS_MAX + 1)).await), Refusal::BadWindow);
        must(db.ledger.record(&college.access, Pause { supplier: id }).await);
        assert!(gate(&college, id).await.is_none());
        must(db.ledger.record(&college.access, Resume { supplier: id }).await);
        assert!(gate(&college, id).await.is_some());
        is_whole(&college).await;
    }

    /// The two directions never have the same secret, whichever is set last; and no secret is in the ledger or readable in the tables.
    async fn both_sides_have_secrets_of_their_own(db: TestDb) {
        let college = College::found(&db).await;
        let (id, first) = must(db.ledger.record(&college.access, new_supplier("Example Supplies")).await);
        let ours = |secret: SecretString| SetOurs { supplier: id, secret, master_key: master_key() };
        assert_eq!(refusal(db.ledger.record(&college.access, ours(first.clone())).await), Refusal::SameSecret);
        must(db.ledger.record(&college.access, ours("shared-with-them-1".into())).await);
        let rotate = RotateTheirs {
            supplier: id,
            secret: Some("shared-with-them-1".into()),
            window_micros: 0,
            master_key: master_key(),
        };
        assert_eq!(refusal(db.ledger.record(&college.access, rotate).await), Refusal::SameSecret);
        let short = RotateTheirs { supplier: id, secret: Some("short".into()), window_micros: 0, master_key: master_key() };
        assert!(matches!(refusal(db.ledger.record(&college.access, short).await), Refusal::BadSecret(_)));
        let mut tx = db.read(&college.access).await;
        let kept = must(store::ours(&mut tx, &college.access, id, &master_key()).await);
        assert_eq!(kept.map(|kept| kept.expose_secret().to_owned()).as_deref(), Some("shared-with-them-1"));
        drop(tx);
        let bytes = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type LIKE 'supplier.%'").await.concat();
        assert!(!bytes.contains("shared-with-them-1") && !bytes.contains(first.expose_secret()) && !bytes.contains("Example Supplies"));
    }

    /// Only administrators of the whole organisation see and manage suppliers; another organisation's does not exist.
    async fn suppliers_are_managed_by_administrators_of_the_whole(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (id, _) = must(db.ledger.record(&college.access, new_supplier("Example Supplies")).await);
        let buyer = college.access_of(&[(Role::Procurement, college.units.root)]).await;
        let unit_admin = college.access_of(&[(Role::UnitAdmin, college.units.root)]).await;
        for access in [&buyer, &unit_admin] {
            let rename = Rename { supplier: id, name: "Other".to_owned() };
            assert_eq!(refusal(db.ledger.record(access, rename).await), Refusal::NotPermitted);
            assert_eq!(refusal(db.ledger.record(access, new_supplier("Other")).await), Refusal::NotPermitted);
            let mut tx = db.read(access).await;
            assert_eq!(must(store::list(&mut tx, access).await), []);
            // Where one may buy is no secret.
            assert_eq!(must(store::shops(&mut tx, access).await).len(), 1);
        }
        let configure = Configure { supplier: id, settings: settings() };
        assert_eq!(refusal(db.ledger.record(&other.access, configure).await).code(), "supplier_unknown");
        assert!(gate(&other, id).await.is_none());
        let mut tx = db.read(&other.access).await;
        assert_eq!(must(store::shops(&mut tx, &other.access).await), []);
        assert!(must(store::known(&mut tx, &other.access, id).await).is_none());
    }

    /// What is over is over: no gate, no directory, no secret, and asking again changes nothing.
    async fn a_removed_supplier_is_forgotten_but_for_its_name(db: TestDb) {
        let college = College::found(&db).await;
        let (id, _) = must(db.ledger.record(&college.access, new_supplier("Example Supplies")).await);
        for _ in 0..2 {
            must(db.ledger.record(&college.access, Remove { supplier: id }).await);
        }
        assert_eq!(entries(&college, "supplier.removed").await, 1);
        assert!(gate(&college, id).await.is_none());
        let mut tx = must(db.db().read_directory().await);
        assert_eq!(must(store::org_of(&mut tx, id).await), None);
        drop(tx);
        assert_eq!(refusal(db.ledger.record(&college.access, Resume { supplier: id }).await), Refusal::Removed);
        let mut tx = db.read(&college.access).await;
        let found = must(store::by_id(&mut tx, &college.access, id).await).expect("it is listed");
        assert_eq!((found.status, found.name.as_str()), (Status::Removed, "Example Supplies"));
        assert!(must(store::ours(&mut tx, &college.access, id, &master_key()).await).is_none());
        drop(tx);
        is_whole(&college).await;
    }
}
