//! Approving in Slack: the notice carries the buttons, what they lead to shows exactly what is decided, and a confirmation records it once.

use habeo_core::access::Role;
use habeo_core::id::RequisitionId;
use habeo_core::requisition::command::Assign;
use habeo_core::requisition::{Requisition, State};
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, button, shown};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use crate::requisition::{Shop, line, seen};

async fn deliver(chat: &Chat<'_>) -> usize {
    must(chat.app.app.worker().deliver_due().await)
}

/// The message that was posted last.
fn posted(chat: &Chat<'_>) -> Value {
    let last = chat.slack.calls("chat.postMessage").last().cloned();
    must(last.ok_or("nothing was posted")).body
}

/// The message that took the place of the one whose button was pressed.
fn hooked(chat: &Chat<'_>) -> Value {
    must(chat.slack.hooks().last().cloned().ok_or("no answer")).body
}

/// Uma approves for science, and is linked.
async fn approver(chat: &Chat<'_>, user: &str) {
    let college = chat.college;
    let roles = [(Role::UnitAdmin, college.units.science)];
    let member = college
        .member("Uma Example", college.units.science, &roles)
        .await;
    chat.linked(user, member.person).await;
}

async fn state(college: &College, id: RequisitionId) -> State {
    found(college, id).await.state
}

async fn found(college: &College, id: RequisitionId) -> Requisition {
    let found = seen(college, &college.access, id).await;
    must(found.ok_or("no such requisition"))
}

both_engines! {
    /// From the notice to the record by two presses: the second is of exactly what the first showed.
    async fn an_approver_approves_where_they_are_told(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        approver(&chat, "U0UMA").await;
        let shop = Shop::open(&college).await;
        let waits = shop.hand_in(vec![line("LT-14", "2", "1149.50"), line("<!here>", "1", "3")]).await;
        assert_eq!(deliver(&chat).await, 1);
        let notice = posted(&chat);
        let digest = &waits.digest[..16];
        let text = shown(&notice).replace(digest, "DIGEST");
        insta::allow_duplicates! {
            insta::assert_snapshot!(text, @r"
            Requisition *1* waits for your approval.
            *Supplier*: Example Supplies
            *Unit*: PHYS unit
            *Total*: 2302.00 USD
            *LT-14*
            2 EA at 1149.50 USD
            *&lt;!here&gt;*
            1 EA at 3 USD
            ~ Digest DIGEST
            [Approve] [Reject] [Open in Habeo]
            ");
        }
        chat.presses("U0UMA", &button(&notice, "Approve")).await;
        let card = hooked(&chat);
        let text = shown(&card).replace(digest, "DIGEST");
        assert!(text.contains("Approve requisition 1?") && text.contains("Example Supplies") && text.contains("2302"), "{text}");
        assert!(text.contains("LT-14") && text.contains("Digest DIGEST") && text.contains("Nothing has happened yet"), "{text}");
        assert_eq!(state(&college, waits.id).await, State::Submitted);
        let done = chat.presses("U0UMA", &button(&card, "Confirm")).await;
        assert!(done.contains("Requisition 1 is approved."), "{done}");
        assert_eq!(state(&college, waits.id).await, State::Approved);
        let again = chat.presses("U0UMA", &button(&card, "Confirm")).await;
        assert!(again.contains("settled already"), "{again}");
        let late = chat.presses("U0UMA", &button(&notice, "Approve")).await;
        assert!(late.contains("is approved, and this is not done then"), "{late}");
        chat.faultless();
    }

    /// A no asks for its reason in a dialog, is shown with it, and recorded with it.
    async fn a_no_asks_for_its_reason(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        approver(&chat, "U0UMA").await;
        let shop = Shop::open(&college).await;
        let waits = shop.hand_in(vec![line("LT-14", "1", "1149")]).await;
        deliver(&chat).await;
        let reject = button(&posted(&chat), "Reject");
        chat.interact(&chat.pressed("U0UMA", &reject)).await;
        let mut view = must(chat.slack.calls("views.open").last().cloned().ok_or("a dialog")).body["view"].clone();
        assert!(shown(&view).contains("Reject a requisition"), "{}", shown(&view));
        view["id"] = json!("V0REJECT");
        let mut sent = chat.touch("view_submission", "U0UMA");
        for (reason, errs) in [("  ", true), ("Too dear this year", false)] {
            view["state"] = json!({"values": {"remark": {"entered": {"type": "plain_text_input", "value": reason}}}});
            sent["view"] = view.clone();
            let answer = chat.interact(&sent).await.json();
            if errs {
                assert_eq!(answer["response_action"], "errors", "{answer}");
                continue;
            }
            let card = answer["view"].clone();
            assert!(shown(&card).contains("Reject requisition 1?") && shown(&card).contains("Too dear this year"), "{}", shown(&card));
            let mut press = chat.pressed("U0UMA", &button(&card, "Confirm"));
            press["view"] = json!({"id": "V0REJECT", "type": "modal", "callback_id": "answer", "private_metadata": "", "state": {"values": {}}});
            press["container"] = json!({"type": "view", "view_id": "V0REJECT"});
            let members = press.as_object_mut().expect("an object");
            members.remove("response_url");
            members.remove("channel");
            chat.interact(&press).await;
        }
        assert!(chat.last_view().contains("is rejected") || chat.slack.calls("views.update").iter().any(|call| shown(&call.body["view"]).contains("Requisition 1 is rejected.")), "{}", chat.last_view());
        let after = found(&college, waits.id).await;
        assert_eq!(after.state, State::Rejected);
        let mut tx = db.read(&college.access).await;
        let reason = must(habeo_core::requisition::store::reason(&mut tx, &college.access, &after).await);
        assert_eq!(reason.as_deref(), Some("Too dear this year"));
        drop(tx);
        chat.faultless();
    }

    /// What changed after it was told is not approved, and can be looked at again; who may not decide is told so.
    async fn what_changed_is_shown_anew(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        approver(&chat, "U0UMA").await;
        let shop = Shop::open(&college).await;
        let waits = shop.hand_in(vec![line("LT-14", "1", "1149")]).await;
        deliver(&chat).await;
        let notice = posted(&chat);
        let buyer = shop.as_buyer().await;
        let assign = |centre: &str| Assign { requisition: waits.id, unit: waits.unit, location: None, cost_centre: Some(centre.to_owned()) };
        must(db.ledger.record(&buyer, assign("1")).await);
        let stale = chat.presses("U0UMA", &button(&notice, "Approve")).await;
        assert!(stale.contains("was changed since you saw it"), "{stale}");
        chat.presses("U0UMA", &button(&hooked(&chat), "Show it as it is now")).await;
        let anew = hooked(&chat);
        assert!(shown(&anew).contains("waits for your approval"), "{}", shown(&anew));
        chat.presses("U0UMA", &button(&anew, "Approve")).await;
        let card = hooked(&chat);
        must(db.ledger.record(&buyer, assign("2")).await);
        let stale = chat.presses("U0UMA", &button(&card, "Confirm")).await;
        assert!(stale.contains("was changed since you saw it"), "{stale}");
        assert_eq!(state(&college, waits.id).await, State::Submitted);
        // The one who wants it, somebody of the unit without the right, and somebody who is nobody here.
        chat.linked("U0BO", must(buyer.person().ok_or("a person"))).await;
        let approve = button(&anew, "Approve");
        let own = chat.presses("U0BO", &approve).await;
        assert!(own.contains("That was not done"), "{own}");
        let roles = [(Role::Procurement, college.units.physics)];
        let colleague = college.member("Cy Example", college.units.physics, &roles).await;
        chat.linked("U0CY", colleague.person).await;
        assert_eq!(state(&college, waits.id).await, State::Submitted);
        let fresh = found(&college, waits.id).await.digest;
        let forged = json!({"action_id": "press:0", "value": format!("y:{}:{fresh}", waits.id)});
        let refused = chat.presses("U0CY", &forged).await;
        assert!(refused.contains("you may see this requisition, but not do this with it"), "{refused}");
        let nobody = chat.presses("U0NOBODY", &forged).await;
        assert!(!nobody.contains("Approve requisition"), "{nobody}");
        chat.faultless();
    }

    /// Whoever wants something learns of the decision, unless they said that they do not want to be told.
    async fn whoever_wants_it_learns_of_the_decision(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let shop = Shop::open(&college).await;
        let buyer = shop.as_buyer().await;
        chat.linked("U0BO", must(buyer.person().ok_or("a person"))).await;
        let approver = college.administrator().await;
        for wanted in [true, false] {
            let prefer = habeo_core::notice::preference::Preference { sort: habeo_core::notice::Sort::Bought, chat: wanted, push: true };
            must(db.ledger.record(&buyer, habeo_core::notice::preference::command::Prefer { wanted: vec![prefer] }).await);
            let waits = shop.hand_in(vec![line("LT-14", "1", "1149")]).await;
            let reject = habeo_core::requisition::command::Reject { requisition: waits.id, digest: waits.digest, reason: "Too dear".to_owned() };
            must(db.ledger.record(&approver, reject).await);
            deliver(&chat).await;
        }
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 1);
        let told = chat.last_post();
        assert!(told.contains("*Requisition 1*, which you want to be bought, was rejected.") && told.contains("Too dear"), "{told}");
        chat.faultless();
    }
}
