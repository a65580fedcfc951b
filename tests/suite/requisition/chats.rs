//! Approving in a chat: told there, proposed, confirmed, done once.

use habeo_core::access::Role;
use habeo_core::confirm::command::{Confirm, Propose};
use habeo_core::confirm::{Proposal, Refusal as ConfirmRefusal};
use habeo_core::explain::Explain as _;
use habeo_core::id::ConfirmId;
use habeo_core::notice::{Body, Notice, Recipient};
use habeo_core::requisition::State;
use habeo_core::requisition::command::{Assign, Withdraw};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Shop, entries, is_whole, line, person};
use crate::core::refusal;

both_engines! {
    /// Those who may approve are told once, by ids; whoever wants it is not.
    async fn those_who_may_approve_are_told(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let install = college.workspace("T1").await;
        let approver = person(&college, "Uma Example", &[(Role::UnitAdmin, college.units.science)]).await;
        college.link(install, "U0UMA", approver).await;
        college.grant(shop.buyer, Role::UnitAdmin, college.units.science).await;
        college.link(install, "U0BO", shop.buyer).await;
        let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
        let bodies = db.raw().await.texts("SELECT body FROM outbox").await;
        let told: Vec<Body> = bodies.iter().filter_map(|body| Body::read(body)).collect();
        assert_eq!(told.len(), 1, "{bodies:?}");
        assert_eq!(told[0].notice, Notice::RequisitionWaits { requisition: waits.id });
        assert!(matches!(told[0].recipient, Recipient::Person { person, .. } if person == approver));
    }

    /// A yes that is confirmed is done once, and its entry names the confirmation.
    async fn a_confirmed_yes_is_done_once(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let install = college.workspace("T1").await;
        let approver = person(&college, "Uma Example", &[(Role::UnitAdmin, college.units.science)]).await;
        let user = college.link(install, "U0UMA", approver).await;
        let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
        let yes = |digest: &str| Propose {
            proposal: Proposal::ApproveRequisition { requisition: waits.id, digest: digest.to_owned() },
            remark: None,
            asked_by: user.clone(),
        };
        let access = college.in_chat(approver).await;
        assert_eq!(refusal(db.ledger.record(&access, yes("another")).await).code(), "requisition_changed");
        let proposed = must(db.ledger.record(&access, yes(&waits.digest)).await);
        assert_eq!(shop.requisition(waits.id).await.state, State::Submitted);
        let confirm = async |id: ConfirmId| Confirm { id, by: user.clone() }.carry_out(&db.ledger, &access).await;
        must(confirm(proposed.id).await);
        assert_eq!(shop.requisition(waits.id).await.state, State::Approved);
        assert_eq!(refusal(confirm(proposed.id).await), ConfirmRefusal::AlreadyUsed);
        assert_eq!(entries(&college, "requisition.approved").await, 1);
        let bytes = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type = 'requisition.approved'").await;
        assert!(bytes[0].contains("\"causation_id\":\"") || bytes[0].contains("\"causationId\":\""), "{}", bytes[0]);
        is_whole(&college).await;
    }

    /// What changed after it was shown, or was taken back, is not done.
    async fn what_changed_since_is_not_done(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let install = college.workspace("T1").await;
        let approver = person(&college, "Uma Example", &[(Role::UnitAdmin, college.units.science)]).await;
        let user = college.link(install, "U0UMA", approver).await;
        let access = college.in_chat(approver).await;
        let buyer = shop.as_buyer().await;
        for change in [true, false] {
            let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
            let proposal = if change {
                Proposal::ApproveRequisition { requisition: waits.id, digest: waits.digest.clone() }
            } else {
                Proposal::RejectRequisition { requisition: waits.id, digest: waits.digest.clone() }
            };
            let propose = Propose { proposal, remark: Some("no".to_owned()), asked_by: user.clone() };
            let proposed = must(db.ledger.record(&access, propose).await);
            if change {
                let assign = Assign { requisition: waits.id, unit: waits.unit, location: None, cost_centre: Some("1".to_owned()) };
                must(db.ledger.record(&buyer, assign).await);
            } else {
                must(db.ledger.record(&buyer, Withdraw { requisition: waits.id, reason: None }).await);
            }
            let confirm = Confirm { id: proposed.id, by: user.clone() };
            let code = refusal(confirm.carry_out(&db.ledger, &access).await).code();
            assert_eq!(code, if change { "requisition_changed" } else { "requisition_wrong_state" });
        }
        assert_eq!(entries(&college, "requisition.approved").await + entries(&college, "requisition.rejected").await, 0);
        assert_eq!(entries(&college, "bot.intent_expired").await, 2);
        is_whole(&college).await;
    }
}
