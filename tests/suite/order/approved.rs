//! What was approved is changed only with an approval: other prices and other products, who accepts them, and how long they wait.

use habeo_core::access::Role;
use habeo_core::approval::Limit;
use habeo_core::approval::command::SetLimits;
use habeo_core::id::OrderId;
use habeo_core::order::command::DecideLine;
use habeo_core::order::decide::Code;
use habeo_core::order::report::{
    Answer, ConfirmedItem, Invoice, Operation, Purpose, Report, Said, Substitute,
};
use habeo_core::order::{LineState, Refusal, StopCause};
use habeo_core::requisition::store::compared;
use habeo_core::supplier::Settings;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{
    assets, chief, codes, confirmed, confirmed_as, detail, exact, invoice, order, place, price,
    says,
};
use crate::core::refusal;
use crate::requisition::{Shop, is_whole, line, person};

fn accept(order: OrderId) -> DecideLine {
    DecideLine {
        order,
        line: 1,
        accept: true,
        price: None,
    }
}

async fn limit(college: &College, amount: &str) {
    let set = SetLimits {
        unit: college.units.science,
        limits: Some(vec![Limit {
            currency: "USD".to_owned(),
            one_up_to: exact(amount),
        }]),
    };
    must(college.db.ledger.record(&college.access, set).await);
}

fn withdrawn(report: Report) -> Report {
    match report {
        Report::Invoice(said) => Report::Invoice(Invoice {
            operation: Operation::Delete,
            // Its header names the orders, and that is enough.
            orders: said.items.iter().map(|item| item.order.clone()).collect(),
            items: Vec::new(),
            ..said
        }),
        other => other,
    }
}

both_engines! {
    /// Whoever ordered it does not accept another price, nor does anybody without the right; who does is one of those who approve.
    async fn whoever_approves_accepts_another_price(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        says(&shop, "1", confirmed(detail("130.00"))).await;
        college.grant(shop.buyer, Role::UnitAdmin, college.units.science).await;
        let buyer = shop.as_buyer().await;
        assert_eq!(refusal(db.ledger.record(&buyer, accept(id)).await), Refusal::Own);
        let colleague = college.access_of(&[(Role::Procurement, college.units.physics)]).await;
        assert_eq!(refusal(db.ledger.record(&colleague, accept(id)).await), Refusal::NotPermitted);
        assert_eq!(refusal(db.ledger.record(&college.access, accept(id)).await), Refusal::NotPermitted);
        let chief = chief(&college, "Uma Example").await;
        assert_eq!(must(db.ledger.record(&chief, accept(id)).await), LineState::Open);
        // The supplier hears what it was agreed to, as it hears what is refused.
        let now = order(&college, id).await;
        let sent = &now.versions[&2];
        assert_eq!((sent.operation, sent.lines[0].price.amount, now.lines[&1].agreed.amount), (Operation::Update, exact("130.00"), exact("130.00")));
        is_whole(&college).await;
    }

    /// Above the limit two people accept, as two would have approved.
    async fn above_the_limit_two_people_accept(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        limit(&college, "250").await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        let (one, two) = (chief(&college, "Uma Example").await, chief(&college, "Udo Example").await);
        says(&shop, "1", confirmed(detail("125.00"))).await;
        assert_eq!(must(db.ledger.record(&one, accept(id)).await), LineState::Open);
        says(&shop, "2", confirmed(detail("140.00"))).await;
        assert_eq!(must(db.ledger.record(&one, accept(id)).await), LineState::Stopped);
        assert_eq!(refusal(db.ledger.record(&one, accept(id)).await), Refusal::AlreadyAccepted(1));
        // What is said anew is accepted anew.
        says(&shop, "3", confirmed(detail("141.00"))).await;
        assert_eq!(must(db.ledger.record(&two, accept(id)).await), LineState::Stopped);
        assert_eq!(must(db.ledger.record(&one, accept(id)).await), LineState::Open);
        assert_eq!(order(&college, id).await.lines[&1].agreed.amount, exact("141.00"));
        is_whole(&college).await;
    }

    /// A price in another currency is entered by whoever accepts it, and kept as it was said.
    async fn what_cannot_be_compared_is_entered(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        limit(&college, "250").await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        let made = assets(&order(&college, id).await);
        let euro = Said { currency: "EUR".to_owned(), ..price("95.00") };
        let item = ConfirmedItem { price: Some(euro.clone()), ..detail("0") };
        assert_eq!(codes(&says(&shop, "1", confirmed(item)).await), [Code::CurrencyDiffers]);
        let stop = must(order(&college, id).await.lines[&1].stop.clone().ok_or("it goes on"));
        let said = must(stop.said.ok_or("nothing was said"));
        assert_eq!((said.price, said.unit.as_str(), stop.price), (euro, "EA", None));
        let (one, two) = (chief(&college, "Uma Example").await, chief(&college, "Udo Example").await);
        assert_eq!(refusal(db.ledger.record(&one, accept(id)).await), Refusal::PriceNeeded(1));
        let at = |amount: &str| DecideLine { price: Some(exact(amount)), ..accept(id) };
        assert_eq!(refusal(db.ledger.record(&one, at("-1")).await), Refusal::PriceNeeded(1));
        assert_eq!(must(db.ledger.record(&one, at("130.00")).await), LineState::Stopped);
        // Two say yes to one price.
        assert_eq!(must(db.ledger.record(&two, at("131.00")).await), LineState::Stopped);
        assert_eq!(must(db.ledger.record(&one, accept(id)).await), LineState::Open);
        assert_eq!(college.detail(made[0]).await.cost_minor, Some(13_100));
        is_whole(&college).await;
    }

    /// What is let pass does not add up: every price is compared with the one that somebody agreed to.
    async fn what_is_tolerated_does_not_add_up(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        assert_eq!(codes(&says(&shop, "1", confirmed(detail("105.00"))).await), []);
        assert_eq!(codes(&says(&shop, "2", confirmed(detail("105.01"))).await), [Code::PriceOverTolerance]);
        assert_eq!(codes(&says(&shop, "3", confirmed(detail("100.00"))).await), []);
        let now = order(&college, id).await;
        assert_eq!((now.lines[&1].state, now.lines[&1].cost_minor), (LineState::Open, Some(10_000)));
        let billed = invoice("PO-000001", "INV-1", Purpose::Standard, ("2", "105.00"), &[]);
        assert_eq!(codes(&says(&shop, "4", billed).await), []);
        let again = invoice("PO-000001", "INV-2", Purpose::Standard, ("2", "110.00"), &[]);
        assert!(codes(&says(&shop, "5", again).await).contains(&Code::PriceOverTolerance));
    }

    /// A stop ends with what it was for: another confirmation, another price, an invoice that is taken back.
    async fn a_stop_ends_with_its_cause(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        let state = async || order(&college, id).await.lines[&1].state;
        let substitute = Substitute { part: "A2".to_owned(), description: None, maker_part: None, maker: None };
        let other = ConfirmedItem { price: None, substitute: Some(substitute), ..detail("0") };
        for (number, stops, goes_on) in [
            (1, confirmed(detail("130.00")), confirmed_as(Answer::Accept, Vec::new())),
            (2, confirmed(detail("130.00")), confirmed(detail("101.00"))),
            (3, confirmed(other.clone()), confirmed_as(Answer::Replace, Vec::new())),
            (4, confirmed(other), confirmed(detail("100.00"))),
        ] {
            says(&shop, &format!("{number}a"), stops).await;
            assert_eq!(state().await, LineState::Stopped, "{number}");
            says(&shop, &format!("{number}b"), goes_on).await;
            assert_eq!(state().await, LineState::Open, "{number}");
        }
        let billed = invoice("PO-000001", "INV-1", Purpose::Standard, ("2", "150.00"), &[]);
        says(&shop, "5", billed.clone()).await;
        assert_eq!(order(&college, id).await.lines[&1].stop.as_ref().map(|stop| stop.cause), Some(StopCause::InvoicePrice));
        says(&shop, "6", confirmed_as(Answer::Accept, Vec::new())).await;
        assert_eq!(state().await, LineState::Stopped, "a confirmation says nothing of an invoice");
        says(&shop, "7", withdrawn(billed)).await;
        assert_eq!(state().await, LineState::Open);
        // Who does not accept what was invoiced has not taken back what was ordered.
        let dear = invoice("PO-000001", "INV-2", Purpose::Standard, ("2", "150.00"), &[]);
        says(&shop, "8", dear).await;
        let refuse = DecideLine { accept: false, ..accept(id) };
        let buyer = shop.as_buyer().await;
        assert_eq!(must(db.ledger.record(&buyer, refuse).await), LineState::Open);
        let now = order(&college, id).await;
        assert_eq!((now.lines[&1].price.amount, now.versions.len()), (exact("100.00"), 1));
        is_whole(&college).await;
    }

    /// Money asked for besides is no price of a piece.
    async fn memos_change_no_price(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        let made = assets(&order(&college, id).await);
        for (number, purpose) in [(1, Purpose::DebitMemo), (2, Purpose::LineLevelDebitMemo), (3, Purpose::CreditMemo), (4, Purpose::LineLevelCreditMemo)] {
            let memo = invoice("PO-000001", &format!("M-{number}"), purpose, ("2", "3.00"), &[]);
            assert_eq!(codes(&says(&shop, &number.to_string(), memo).await), []);
        }
        let now = order(&college, id).await;
        assert_eq!((now.lines[&1].state, college.detail(made[0]).await.cost_minor), (LineState::Open, Some(10_000)));
    }

    /// What a browser brought is no price that was paid; what the supplier stands by is.
    async fn a_price_is_paid_once_the_supplier_stands_by_it(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let settings: Settings = crate::requisition::settings();
        let paid = async |id| {
            let next = shop.requisition(id).await;
            let mut tx = db.read(&college.access).await;
            let lines = must(compared(&mut tx, &college.access, &next, &settings).await);
            lines[0].paid.as_ref().map(|paid| paid.price)
        };
        place(&shop, vec![line("A", "2", "1.00")]).await;
        let next = shop.buy(vec![line("A", "1", "100.00")]).await;
        assert_eq!(paid(next).await, None);
        says(&shop, "1", confirmed_as(Answer::Accept, Vec::new())).await;
        assert_eq!(paid(next).await, Some(exact("1.00")));
        let billed = invoice("PO-000001", "INV-1", Purpose::Standard, ("2", "1.05"), &[]);
        says(&shop, "2", billed).await;
        assert_eq!(paid(next).await, Some(exact("1.05")));
        let dear = invoice("PO-000001", "INV-2", Purpose::Standard, ("2", "9.00"), &[]);
        says(&shop, "3", dear).await;
        assert_eq!(paid(next).await, Some(exact("1.05")), "nobody has accepted that");
    }

    /// Whoever handed in what another wanted, or placed the order, does not accept either.
    async fn whose_it_is_does_not_accept(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let roles = [(Role::Procurement, college.units.physics), (Role::UnitAdmin, college.units.science)];
        let helper = person(&college, "Cy Example", &roles).await;
        let helper = college.access_as(helper).await;
        let id = shop.buy(vec![line("A", "2", "100.00")]).await;
        let digest = shop.requisition(id).await.digest;
        let submit = habeo_core::requisition::command::Submit { requisition: id, digest };
        let wanted = must(db.ledger.record(&helper, submit).await);
        let id = super::place_of(&shop, wanted).await;
        says(&shop, "1", confirmed(detail("130.00"))).await;
        assert_eq!(refusal(db.ledger.record(&helper, accept(id)).await), Refusal::Own);
    }
}
