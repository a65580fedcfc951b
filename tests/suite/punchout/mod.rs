//! The doors to suppliers and their shops, through the real routes, with a simulated supplier on loopback.

mod browser;
mod described;
mod documents;
mod hostile;
mod oci;
mod pages;
mod returns;
mod start;
mod whole;

use std::collections::BTreeMap;
use std::sync::Arc;

use habeo_core::access::{Access, Role};
use habeo_core::id::{RequisitionId, SupplierId};
use habeo_core::punchout::command::StartSession;
use habeo_core::requisition::{self, Requisition};
use habeo_core::secret::MasterKey;
use habeo_core::supplier::command::{CreateSupplier, RotateTheirs, SetOurs};
use habeo_core::supplier::{
    Credential, Match, Mode, Operation, Protocol, Rule, SESSION_HOURS, Settings,
};
use habeo_punchout::simulator::{self, Leaving, Running, Simulator};
use habeo_punchout::start::{StartPage, Visit, start};
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::{College, Member};
use habeo_tests::database::TestDb;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

/// More than any test asks, so that only the tests of the limits meet them.
const GENEROUS: &str = "1000000";

/// A college that buys in one shop, and somebody who does.
struct Market {
    college: College,
    app: TestApp,
    shop: Running,
    supplier: SupplierId,
    buyer: Member,
}

/// The key of the server under test.
fn master_key() -> Arc<MasterKey> {
    Arc::new(MasterKey::new(MASTER_KEY))
}

/// A supplier that is what the simulator is.
fn settings(shop: &Running) -> Settings {
    let credential = |domain: &str, identity: &str| Credential {
        domain: domain.to_owned(),
        identity: identity.to_owned(),
    };
    Settings {
        ours: credential("NetworkID", "WESTMARK"),
        theirs: vec![credential("DUNS", "080000017")],
        setup_url: shop.documents_url(),
        order_url: Some(shop.documents_url()),
        profile_url: None,
        http_start_page: true,
        repair_entities: false,
        operations: Operation::ALL.to_vec(),
        mode: Mode::Production,
        hook_field: None,
        units: BTreeMap::new(),
        rules: Vec::new(),
        tolerance_percent: None,
        tolerance_absolute: None,
        currency: "USD".to_owned(),
        session_hours: SESSION_HOURS,
    }
}

impl Market {
    async fn open(db: &TestDb) -> Self {
        Self::with(db, simulator::Settings::default(), &[]).await
    }

    async fn with(db: &TestDb, shop: simulator::Settings, more: &[(&str, &str)]) -> Self {
        let college = College::found(db).await;
        let shop = simulator::Settings {
            clock: db.ledger.shared_clock(),
            ..shop
        };
        let shop = must(Simulator::start(shop).await);
        let host = shop.url().trim_start_matches("http://").to_owned();
        let mut rates = vec![
            ("HABEO_ALLOW_PRIVATE_HOSTS", host.as_str()),
            ("HABEO_RATE_LIMIT_API", GENEROUS),
            ("HABEO_RATE_LIMIT_API_BURST", GENEROUS),
        ];
        if !more
            .iter()
            .any(|(name, _)| name.starts_with("HABEO_PUNCHOUT_RATE"))
        {
            rates.push(("HABEO_PUNCHOUT_RATE_ADDRESS", GENEROUS));
        }
        rates.extend(more);
        let app = TestApp::configured(db, &rates).await;
        let mut settings = settings(&shop);
        // What is a computer or belongs to one is known to be something that is labelled.
        settings.rules = vec![Rule {
            matches: Match::Unspsc {
                prefix: "43".to_owned(),
            },
            model: None,
            category: Some(college.catalogue.computers),
        }];
        let supplier = supplier(&college, "Larkmoor", settings).await;
        let roles = [(Role::Procurement, college.units.physics)];
        let buyer = college
            .member("Bo Example", college.units.physics, &roles)
            .await;
        Self {
            college,
            app,
            shop,
            supplier,
            buyer,
        }
    }

    /// The simulator sends its documents to this server, and to this supplier's address.
    async fn listens(&self) {
        let origin = self.app.listen().await;
        let address = format!("{origin}/api/punchout/documents/{}", self.supplier);
        self.shop.documents_to(must(Url::parse(&address)));
    }

    async fn as_buyer(&self) -> Access {
        self.college.access_as(self.buyer.person).await
    }

    fn asked(&self) -> Value {
        json!({"supplier": self.supplier, "unit": self.college.units.physics})
    }

    fn wanted(&self, operation: Operation, requisition: Option<RequisitionId>) -> StartSession {
        StartSession {
            supplier: self.supplier,
            operation,
            requisition,
            unit: requisition.is_none().then_some(self.college.units.physics),
            location: None,
            cost_centre: Some("CC-100".to_owned()),
        }
    }

    async fn start(&self, operation: Operation, requisition: Option<RequisitionId>) -> Visit {
        let access = self.as_buyer().await;
        let wanted = self.wanted(operation, requisition);
        must(start(&self.app.app.punchout, &access, wanted).await)
    }

    /// Goes to the shop to buy something new. The answer is the shop's name for the visit.
    async fn enter(&self) -> String {
        let visit = self.start(Operation::Create, None).await;
        assert!(matches!(visit.page, StartPage::Address(_)), "{visit:?}");
        must(self.shop.last_session().ok_or("no visit")).id
    }

    /// Leaves the shop as a browser does: by a form that another site's page posts, without any cookie of ours.
    async fn leave(&self, session: &str, leaving: Leaving) -> Answer {
        let posted = must(self.shop.cart_form(session, leaving).ok_or("no form"));
        self.post(&posted.content_type, posted.body, &[NAVIGATES, CROSS_SITE])
            .await
    }

    async fn post(&self, kind: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let call = self
            .app
            .post("/api/punchout/return")
            .header("content-type", kind);
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value));
        call.body(body).send().await
    }

    /// Every requisition of the college, the oldest first.
    async fn requisitions(&self) -> Vec<Requisition> {
        let access = &self.college.access;
        let mut tx = self.college.db.read(access).await;
        let filter = requisition::store::Filter::default();
        let page = requisition::store::page(
            &mut tx,
            access,
            filter,
            None,
            habeo_core::page::Limit::default(),
        );
        let mut all = must(page.await).rows;
        all.reverse();
        all
    }

    async fn entries(&self, kind: &str) -> i64 {
        let sql =
            format!("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type LIKE '{kind}'");
        self.college.db.raw().await.number(&sql).await
    }
}

const NAVIGATES: (&str, &str) = ("sec-fetch-mode", "navigate");
const CROSS_SITE: (&str, &str) = ("sec-fetch-site", "cross-site");
const FORM: &str = "application/x-www-form-urlencoded";

/// A supplier that knows us and that we know, by the secrets of the simulator.
async fn supplier(college: &College, name: &str, settings: Settings) -> SupplierId {
    let ledger = &college.db.ledger;
    let new = CreateSupplier {
        protocol: Protocol::Cxml,
        name: name.to_owned(),
        settings,
        master_key: master_key(),
    };
    let (supplier, _) = must(ledger.record(&college.access, new).await);
    let ours = SetOurs {
        supplier,
        secret: SecretString::from("buyer-to-larkmoor"),
        master_key: master_key(),
    };
    must(ledger.record(&college.access, ours).await);
    let theirs = RotateTheirs {
        supplier,
        secret: Some(SecretString::from("larkmoor-to-buyer")),
        window_micros: 0,
        master_key: master_key(),
    };
    must(ledger.record(&college.access, theirs).await);
    supplier
}

/// A field of a form, encoded as browsers do.
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair(name, value).finish().into_bytes()
}

/// The visit that a redirect leads to.
#[track_caller]
fn led_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let location = answer.header("location").unwrap_or_default();
    let visit = location.strip_prefix("/procurement/carts/");
    visit.unwrap_or_else(|| panic!("{location}")).to_owned()
}
