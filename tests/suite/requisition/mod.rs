//! Procurement until something may be ordered: suppliers, visits to their shops, requisitions, and who approves them.

mod approvals;
mod chats;
mod hands;
mod life;
mod suppliers;
mod visits;

use std::collections::BTreeMap;

use habeo_core::access::{Access, Role};
use habeo_core::exact::Exact;
use habeo_core::id::{PersonId, PunchoutId, RequisitionId, SupplierId, UnitId};
use habeo_core::ledger::RecordError;
use habeo_core::ledger::rebuild;
use habeo_core::punchout::cart::{Cart, Classification, Money, Sent, SentLine};
use habeo_core::punchout::command::{StartSession, Started, TakeReturn, Taken};
use habeo_core::punchout::{Direction, Document, Outcome, Refusal, hash};
use habeo_core::requisition::command::Submit;
use habeo_core::requisition::{Line, Requisition, store};
use habeo_core::supplier::command::CreateSupplier;
use habeo_core::supplier::{
    Credential, Match, Mode, Operation, Protocol, Rule, SESSION_HOURS, Settings,
};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::must;

pub(crate) fn settings() -> Settings {
    let credential = |domain: &str, identity: &str| Credential {
        domain: domain.to_owned(),
        identity: identity.to_owned(),
    };
    Settings {
        ours: credential("NetworkID", "AN-WESTMARK"),
        theirs: vec![credential("DUNS", "942888711")],
        setup_url: "https://punchout.vendor.example.com/cxml/setup".to_owned(),
        order_url: Some("https://punchout.vendor.example.com/cxml/order".to_owned()),
        profile_url: None,
        http_start_page: false,
        repair_entities: false,
        operations: Operation::ALL.to_vec(),
        mode: Mode::Production,
        hook_field: None,
        units: BTreeMap::from([("BX".to_owned(), Exact::whole(10))]),
        rules: Vec::new(),
        tolerance_percent: Some(Exact::whole(5)),
        tolerance_absolute: None,
        currency: "USD".to_owned(),
        session_hours: SESSION_HOURS,
    }
}

fn new_supplier(name: &str) -> CreateSupplier {
    CreateSupplier {
        protocol: Protocol::Cxml,
        name: name.to_owned(),
        settings: settings(),
        master_key: master_key(),
    }
}

pub(crate) fn line(part: &str, quantity: &str, price: &str) -> SentLine {
    SentLine {
        sent: Sent {
            quantity: quantity.to_owned(),
            unit: "EA".to_owned(),
            part: part.to_owned(),
            aux: Some(format!("quote=88120|line={part}\\2")),
            price: Money {
                amount: price.to_owned(),
                currency: "USD".to_owned(),
            },
            classifications: vec![Classification {
                domain: "UNSPSC".to_owned(),
                code: "43211503".to_owned(),
            }],
            ..Sent::default()
        },
        raw: format!("<ItemIn quantity=\"{quantity}\"><!-- {part} --></ItemIn>"),
        warnings: Vec::new(),
    }
}

fn cart(lines: Vec<SentLine>) -> Cart {
    Cart {
        allowed: Operation::Edit,
        lines,
        ..Cart::default()
    }
}

fn document(text: &str) -> Document {
    Document {
        direction: Direction::In,
        kind: "PunchOutOrderMessage".to_owned(),
        decoded: "cXML-urlencoded".to_owned(),
        warnings: Vec::new(),
        hash: hash(text.as_bytes()),
        bytes: text.len(),
        body: text.as_bytes().to_vec(),
    }
}

/// A supplier, and somebody who orders for physics.
pub(crate) struct Shop<'a> {
    pub(crate) college: &'a College,
    pub(crate) supplier: SupplierId,
    pub(crate) buyer: PersonId,
}

impl<'a> Shop<'a> {
    pub(crate) async fn open(college: &'a College) -> Self {
        let mut new = new_supplier("Example Supplies");
        // What the tests buy is known to be a computer.
        new.settings.rules = vec![Rule {
            matches: Match::Unspsc {
                prefix: "43".to_owned(),
            },
            model: None,
            category: Some(college.catalogue.computers),
        }];
        let (supplier, _) = must(college.db.ledger.record(&college.access, new).await);
        let buyer = person(
            college,
            "Bo Example",
            &[(Role::Procurement, college.units.physics)],
        )
        .await;
        Self {
            college,
            supplier,
            buyer,
        }
    }

    pub(crate) async fn as_buyer(&self) -> Access {
        self.college.access_as(self.buyer).await
    }

    fn to(&self, operation: Operation, requisition: Option<RequisitionId>) -> StartSession {
        StartSession {
            supplier: self.supplier,
            operation,
            requisition,
            unit: requisition.is_none().then_some(self.college.units.physics),
            location: None,
            cost_centre: None,
        }
    }

    async fn start(&self, operation: Operation, requisition: Option<RequisitionId>) -> Started {
        let access = self.as_buyer().await;
        let start = self.to(operation, requisition);
        must(self.college.db.ledger.record(&access, start).await)
    }

    async fn bring(
        &self,
        session: PunchoutId,
        text: &str,
        cart: Cart,
    ) -> Result<Taken, RecordError<Refusal>> {
        let take = TakeReturn {
            session,
            document: document(text),
            cart,
            master_key: master_key(),
        };
        self.college
            .db
            .ledger
            .record(&self.college.access, take)
            .await
    }

    /// Buys something new, and says what it made.
    pub(crate) async fn buy(&self, lines: Vec<SentLine>) -> RequisitionId {
        let started = self.start(Operation::Create, None).await;
        let text = format!("{:?}", started.session);
        let made = done(must(self.bring(started.session, &text, cart(lines)).await));
        assert_eq!((made.0, made.1.len()), (Outcome::Cart, 1));
        made.1[0]
    }

    /// Buys something and hands it in.
    pub(crate) async fn hand_in(&self, lines: Vec<SentLine>) -> Requisition {
        let id = self.buy(lines).await;
        let digest = self.requisition(id).await.digest;
        let access = self.as_buyer().await;
        let submit = Submit {
            requisition: id,
            digest,
        };
        must(self.college.db.ledger.record(&access, submit).await)
    }

    pub(crate) async fn requisition(&self, id: RequisitionId) -> Requisition {
        let found = seen(self.college, &self.college.access, id).await;
        must(found.ok_or("no such requisition"))
    }

    pub(crate) async fn lines(&self, id: RequisitionId) -> Vec<Line> {
        let found = self.requisition(id).await;
        let access = &self.college.access;
        let mut tx = self.college.db.read(access).await;
        let compared = must(store::compared(&mut tx, access, &found, &settings()).await);
        compared.into_iter().map(|compared| compared.line).collect()
    }
}

/// Somebody with these roles.
pub(crate) async fn person(college: &College, name: &str, roles: &[(Role, UnitId)]) -> PersonId {
    college.member(name, college.units.root, roles).await.person
}

/// A requisition as somebody sees it.
pub(crate) async fn seen(
    college: &College,
    access: &Access,
    id: RequisitionId,
) -> Option<Requisition> {
    let mut tx = college.db.read(access).await;
    let now = college.db.clock_now();
    must(store::by_id(&mut tx, access, id, now).await)
}

#[track_caller]
fn done(taken: Taken) -> (Outcome, Vec<RequisitionId>) {
    match taken {
        Taken::Done {
            outcome,
            requisitions,
        } => (outcome, requisitions),
        Taken::NotTaken(why) => panic!("it was not taken: {why}"),
    }
}

/// How many entries of a kind the ledger has.
async fn entries(college: &College, kind: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type LIKE '{kind}'");
    college.db.raw().await.number(&sql).await
}

/// The projections are what the entries say.
pub(crate) async fn is_whole(college: &College) {
    let spare = college.db.spare().await;
    assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
    spare.close().await;
}
