//! Changes proposed in a chat: shown exactly, done once, by whoever asked, and only while everything is as it was shown.

use habeo_core::access::Role;
use habeo_core::asset::command::{Act, Description, Register};
use habeo_core::asset::decide::Refusal as AssetRefusal;
use habeo_core::asset::{
    Acquisition, AssignmentKind, Condition, HoldKind, LossKind, RepairBy, State, Target, store,
};
use habeo_core::chat_link::ChatUser;
use habeo_core::chat_link::command::Unlink;
use habeo_core::confirm::command::{Cancel, Confirm, Propose};
use habeo_core::confirm::{
    Change, Confirmed, Field, LIFE_MICROS, Proposal, Proposed, Refusal, Shown,
};
use habeo_core::explain::Explain;
use habeo_core::grant::command::EndGrant;
use habeo_core::id::{AssetId, ConfirmId, GrantId, InstallId, PersonId};
use habeo_core::install::EndReason;
use habeo_core::install::command::Disconnect;
use habeo_core::ledger::{RecordError, audit};
use habeo_core::page::Limit;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_tests::builders::{College, tag};
use habeo_tests::{both_engines, must};

use super::{deploy, give_back, refusal};

/// A custodian of physics, in a workspace.
struct Asker<'a> {
    college: &'a College,
    person: PersonId,
    grant: GrantId,
    install: InstallId,
    user: ChatUser,
}

async fn asker(college: &College) -> Asker<'_> {
    let member = college
        .member("Rae Example", college.units.physics, &[])
        .await;
    let grant = college
        .grant(member.person, Role::Custodian, college.units.physics)
        .await;
    let install = college.workspace("T1").await;
    let user = college.link(install, "U0RAE", member.person).await;
    Asker {
        college,
        person: member.person,
        grant,
        install,
        user,
    }
}

impl Asker<'_> {
    async fn try_propose(&self, proposal: Proposal) -> Result<Proposed, RecordError<Refusal>> {
        let propose = Propose {
            proposal,
            remark: None,
            asked_by: self.user.clone(),
        };
        let access = self.college.in_chat(self.person).await;
        self.college.db.ledger.record(&access, propose).await
    }

    async fn propose(&self, proposal: Proposal) -> Proposed {
        must(self.try_propose(proposal).await)
    }

    async fn confirm(&self, id: ConfirmId) -> Result<Confirmed, RecordError<Refusal>> {
        let access = self.college.in_chat(self.person).await;
        let by = self.user.clone();
        let confirm = Confirm { id, by };
        confirm.carry_out(&self.college.db.ledger, &access).await
    }

    async fn cancel(&self, id: ConfirmId) -> Result<(), RecordError<Refusal>> {
        let access = self.college.in_chat(self.person).await;
        let by = self.user.clone();
        self.college
            .db
            .ledger
            .record(&access, Cancel { id, by })
            .await
    }

    /// Proposes and confirms, and finds that what was shown is what was done.
    async fn do_it(&self, proposal: Proposal) -> Vec<Change> {
        let proposed = self.propose(proposal).await;
        self.college.db.clock.advance_micros(1_000);
        let confirmed = must(self.confirm(proposed.id).await);
        assert_eq!(confirmed.changes, proposed.changes);
        confirmed.changes
    }
}

fn to_ada(college: &College, assets: &[AssetId]) -> Proposal {
    Proposal::Deploy {
        assets: assets.to_vec(),
        target: Target::Person(college.people.ada),
        kind: AssignmentKind::Permanent,
        location: None,
    }
}

async fn entries(college: &College, kind: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type LIKE '{kind}'");
    college.db.raw().await.number(&sql).await
}

async fn history(college: &College, stream: uuid::Uuid) -> Vec<audit::Entry> {
    let mut tx = college.db.read(&college.access).await;
    must(audit::history(&mut tx, &college.access, stream, None, Limit::DEFAULT).await).rows
}

fn fields(changes: &[Change]) -> Vec<Field> {
    changes.iter().map(|change| change.field).collect()
}

/// A new asset of physics.
fn oscilloscope(college: &College, label: &str) -> Register {
    Register {
        what: Description {
            description: "Oscilloscope".to_owned(),
            category: college.catalogue.laptops,
            model: None,
            manufacturer: None,
            unit: college.units.physics,
            acquisition: Acquisition::Purchase,
            cost_minor: None,
            currency: None,
            po_no: None,
            invoice_no: None,
            acquired_on: None,
            warranty_ends_on: None,
        },
        tag: Some(tag(label)),
        serial: None,
        location: None,
        condition: Condition::New,
        identifiers: Vec::new(),
        provenance: None,
    }
}

both_engines! {
    /// Proposing changes nothing; confirming does exactly what was shown, and the assets' entries name the confirmation as their cause.
    async fn what_was_shown_is_done_and_names_its_cause(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let one = college.asset("Microscope").tag("MIC-1").register().await;
        let two = college.asset("Microscope").tag("MIC-2").at(college.places.workshop).register().await;
        let proposal = Proposal::Deploy {
            assets: vec![one, two],
            target: Target::Person(college.people.ada),
            kind: AssignmentKind::Permanent,
            location: Some(college.places.reading_room),
        };
        let proposed = asker.propose(proposal).await;
        let change = |asset, field, before, after| Change { asset, field, before, after: Some(after) };
        let of = |asset, place| {
            [
                change(asset, Field::State, Some(Shown::State(State::InStock)), Shown::State(State::InUse)),
                change(asset, Field::Holder, None, Shown::Target(Target::Person(college.people.ada))),
                change(asset, Field::Terms, None, Shown::Terms(AssignmentKind::Permanent)),
                change(asset, Field::Location, place, Shown::Place(college.places.reading_room)),
            ]
        };
        let expected = [of(one, None), of(two, Some(Shown::Place(college.places.workshop)))].concat();
        assert_eq!(proposed.changes, expected);
        assert_eq!(proposed.expires_at, db.clock_now().plus_micros(LIFE_MICROS));
        assert_eq!((college.state(one).await, entries(&college, "asset.deployed").await), (State::InStock, 0));
        must(asker.confirm(proposed.id).await);
        assert_eq!((college.state(one).await, college.state(two).await), (State::InUse, State::InUse));
        let intent = history(&college, proposed.id.uuid()).await;
        let kinds: Vec<&str> = intent.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds, ["bot.intent_confirmed", "bot.intent_created"]);
        assert_eq!(intent[0].payload["digest"], intent[1].payload["digest"]);
        assert_eq!((intent[0].units.as_slice(), intent[0].causation_id), (&[college.units.physics][..], None));
        for asset in [one, two] {
            let entry = &history(&college, asset.uuid()).await[0];
            assert_eq!((entry.kind.as_str(), entry.causation_id), ("asset.deployed", Some(intent[0].event_id)));
            assert_eq!(entry.surface, habeo_core::access::Surface::Slack);
        }
        let bytes = db.raw().await.texts("SELECT bytes FROM ledger_entry").await;
        let with_cause = bytes.iter().filter(|entry| entry.contains("causationId")).count();
        assert_eq!(with_cause, 2, "entries without a cause say nothing of one");
    }

    /// Sixteen confirmations of one proposal at once: one does it.
    async fn of_many_confirmations_one_does_it(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").register().await;
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        let access = college.in_chat(asker.person).await;
        let confirming = (0..16).map(|_| {
            let (ledger, access, by) = (db.ledger.clone(), access.clone(), asker.user.clone());
            tokio::spawn(async move { Confirm { id, by }.carry_out(&ledger, &access).await })
        });
        let mut done = 0;
        for one in confirming.collect::<Vec<_>>() {
            match must(one.await) {
                Ok(_) => done += 1,
                other => assert_eq!(refusal(other), Refusal::AlreadyUsed),
            }
        }
        assert_eq!((done, entries(&college, "asset.deployed").await, entries(&college, "bot.intent_confirmed").await), (1, 1, 1));
    }

    /// After ten minutes a proposal is over, which is recorded when somebody tries.
    async fn a_proposal_expires(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").register().await;
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        db.clock.advance_micros(LIFE_MICROS);
        assert_eq!(refusal(asker.confirm(id).await), Refusal::Expired);
        assert_eq!(refusal(asker.confirm(id).await), Refusal::AlreadyUsed);
        assert_eq!((entries(&college, "bot.intent_expired").await, college.state(asset).await), (1, State::InStock));
        let just = asker.propose(to_ada(&college, &[asset])).await;
        db.clock.advance_micros(LIFE_MICROS - 1);
        must(asker.confirm(just.id).await);
        // A day later nothing of it is left but the facts.
        db.clock.advance_micros(habeo_core::time::DAY_MICROS + 1);
        must(asker.try_propose(Proposal::Note { assets: vec![asset], text: "Still there".to_owned() }).await);
        assert_eq!(refusal(asker.confirm(just.id).await), Refusal::Unknown);
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM confirm_intent").await, 1);
    }

    /// Nobody else confirms or cancels: not another person, not another chat user, not another organization.
    async fn only_whoever_asked_confirms(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").register().await;
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        let ben = college.link(asker.install, "U0BEN", college.people.ben).await;
        college.grant(college.people.ben, Role::OrgAdmin, college.units.root).await;
        let elsewhere = college.link(college.workspace("T2").await, "U0RAE", asker.person).await;
        let (ours, bens) = (college.in_chat(asker.person).await, college.in_chat(college.people.ben).await);
        for (access, by) in [(&bens, &ben), (&bens, &asker.user), (&ours, &ben), (&ours, &elsewhere)] {
            let confirm = Confirm { id, by: by.clone() };
            assert_eq!(refusal(confirm.carry_out(&db.ledger, access).await), Refusal::Unknown);
            let cancel = Cancel { id, by: by.clone() };
            assert_eq!(refusal(db.ledger.record(access, cancel).await), Refusal::Unknown);
        }
        let theirs = other.in_chat(other.people.ada).await;
        let confirm = Confirm { id, by: asker.user.clone() };
        assert_eq!(refusal(confirm.clone().carry_out(&db.ledger, &theirs).await), Refusal::Unknown);
        assert_eq!(refusal(confirm.carry_out(&db.ledger, &college.access).await), Refusal::NotAPerson);
        must(asker.confirm(id).await);
    }

    /// An asset that changed in the meantime, however little, is not touched, nor are the others; the proposal is spent.
    async fn what_changed_in_the_meantime_is_left_alone(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let one = college.asset("Microscope").tag("MIC-1").register().await;
        let two = college.asset("Microscope").tag("MIC-2").register().await;
        let id = asker.propose(to_ada(&college, &[one, two])).await.id;
        college.act(two, Act::Move { location: college.places.workshop, observation: None }).await;
        let changed = Refusal::AssetChanged { tag: Some("MIC-2".to_owned()) };
        let said = refusal(asker.confirm(id).await);
        assert_eq!(said, changed);
        assert_eq!(said.to_string(), "MIC-2 changed since this was proposed; ask again");
        assert_eq!(refusal(asker.confirm(id).await), Refusal::AlreadyUsed);
        assert_eq!((college.state(one).await, college.state(two).await), (State::InStock, State::InStock));
        assert_eq!(entries(&college, "bot.intent_expired").await, 1);
        // There and back again is a change as well.
        let id = asker.propose(to_ada(&college, &[one])).await.id;
        college.act(one, deploy(college.people.ben)).await;
        college.act(one, give_back()).await;
        assert!(matches!(refusal(asker.confirm(id).await), Refusal::AssetChanged { .. }));
    }

    /// Rights are those of the moment of confirming, whatever the request brought along.
    async fn rights_that_were_withdrawn_do_not_count(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").tag("MIC-1").register().await;
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        let before = college.in_chat(asker.person).await;
        must(db.ledger.record(&college.access, EndGrant { grant: asker.grant, remark: None }).await);
        let confirm = Confirm { id, by: asker.user.clone() };
        let said = refusal(confirm.carry_out(&db.ledger, &before).await);
        // What is out of scope now is not named either.
        assert_eq!(said, Refusal::Asset { tag: None, refusal: AssetRefusal::Unknown });
        assert_eq!(refusal(asker.confirm(id).await), Refusal::AlreadyUsed);
        assert_eq!(college.state(asset).await, State::InStock);
        college.grant(asker.person, Role::Auditor, college.units.physics).await;
        let said = refusal(asker.try_propose(to_ada(&college, &[asset])).await);
        assert_eq!(said, Refusal::Asset { tag: Some("MIC-1".to_owned()), refusal: AssetRefusal::NotPermitted });
    }

    /// Without the tie, the installation or the membership nothing is confirmed; when they are back, it still can be.
    async fn nothing_is_confirmed_without_a_tie(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").register().await;
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        let access = college.in_chat(asker.person).await;
        let confirm = || Confirm { id, by: asker.user.clone() }.carry_out(&db.ledger, &access);
        let status = |status| ChangeStatus { person: asker.person, status, separated_on: None };
        must(db.ledger.record(&college.access, status(PersonStatus::Separated)).await);
        assert_eq!(refusal(confirm().await), Refusal::NotLinked);
        must(db.ledger.record(&college.access, status(PersonStatus::Active)).await);
        let (link, _) = must(college.person_of(&asker.user).await.ok_or("no tie"));
        must(db.ledger.record(&access, Unlink { link }).await);
        assert_eq!(refusal(confirm().await), Refusal::NotLinked);
        college.link(asker.install, "U0RAE", asker.person).await;
        must(confirm().await);
        let note = Proposal::Note { assets: vec![asset], text: "Scratched".to_owned() };
        let id = asker.propose(note.clone()).await.id;
        must(db.ledger.record(&college.access, Disconnect { install: asker.install, reason: EndReason::Revoked }).await);
        assert_eq!(refusal(asker.confirm(id).await), Refusal::NotConnected);
        assert_eq!(refusal(asker.try_propose(note).await), Refusal::NotConnected);
    }

    /// What was called off is not done, and what was done is not called off.
    async fn a_proposal_is_called_off(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").register().await;
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        must(asker.cancel(id).await);
        must(asker.cancel(id).await);
        assert_eq!(refusal(asker.confirm(id).await), Refusal::AlreadyUsed);
        assert_eq!(entries(&college, "bot.intent_cancelled").await, 1);
        let id = asker.propose(to_ada(&college, &[asset])).await.id;
        must(asker.confirm(id).await);
        assert_eq!(refusal(asker.cancel(id).await), Refusal::AlreadyUsed);
    }

    /// What cannot be done is refused before anything is shown, in the words of the asset's own rule.
    async fn what_cannot_be_done_is_not_proposed(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let asset = college.asset("Microscope").tag("MIC-1").register().await;
        let foreign = college.asset("Violin").tag("VIO-1").unit(college.units.music).register().await;
        let other = College::found_as(&db, "eastmark").await;
        let theirs = other.asset("Microscope").register().await;
        let many: Vec<AssetId> = (0..101).map(|_| college.asset("none").id()).collect();
        for (assets, code) in [
            (vec![], "confirm_count_invalid"),
            (many.clone(), "confirm_count_invalid"),
            (vec![asset, asset], "confirm_asset_twice"),
            (many[..1].to_vec(), "asset_unknown"),
            (vec![asset, foreign], "asset_unknown"),
            (vec![theirs], "asset_unknown"),
        ] {
            let said = refusal(asker.try_propose(to_ada(&college, &assets)).await);
            assert_eq!(said.code(), code);
            assert!(!said.to_string().contains("VIO-1"), "{said}");
        }
        let gone = Proposal::Deploy { assets: vec![asset], target: Target::Person(college.people.gone), kind: AssignmentKind::Permanent, location: None };
        assert_eq!(refusal(asker.try_propose(gone).await).code(), "asset_reference_unknown");
        let back = Proposal::Return { assets: vec![asset], condition: Condition::Good, location: None };
        let said = refusal(asker.try_propose(back).await).to_string();
        assert!(said.starts_with("MIC-1: an asset that is in_stock cannot return"), "{said}");
        college.act(asset, Act::PlaceHold { kind: HoldKind::Legal }).await;
        assert_eq!(refusal(asker.try_propose(to_ada(&college, &[asset])).await).code(), "asset_held");
        let propose = |asked_by: &ChatUser| Propose { proposal: to_ada(&college, &[asset]), remark: None, asked_by: asked_by.clone() };
        assert_eq!(refusal(db.ledger.record(&college.access, propose(&asker.user)).await), Refusal::NotAPerson);
        let ben = college.link(asker.install, "U0BEN", college.people.ben).await;
        let access = college.in_chat(asker.person).await;
        assert_eq!(refusal(db.ledger.record(&access, propose(&ben)).await), Refusal::NotLinked);
        let nobody = ChatUser { user: "U0NOBODY".to_owned(), ..ben };
        assert_eq!(refusal(db.ledger.record(&access, propose(&nobody)).await), Refusal::NotLinked);
        assert_eq!(entries(&college, "bot.%").await, 0);
    }

    /// Every sort of proposal, through the whole of an asset's life in a chat.
    async fn every_sort_of_proposal_is_done(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let (ada, ben) = (Target::Person(college.people.ada), Target::Person(college.people.ben));
        let new = Proposal::Register { new: Box::new(oscilloscope(&college, "OSC-1")) };
        let made = asker.do_it(new).await;
        assert_eq!(made[0].after, Some(Shown::Tag(tag("OSC-1"))));
        let asset = made[0].asset;
        let assets = vec![asset];
        assert_eq!(college.detail(asset).await.tag.as_deref(), Some("OSC-1"));
        let due = db.clock_now().plus_days(7);
        asker.do_it(Proposal::Loan { assets: assets.clone(), target: ada, due_at: due }).await;
        let renewed = asker.do_it(Proposal::Renew { assets: assets.clone(), due_at: due.plus_days(7) }).await;
        assert_eq!((renewed.len(), &renewed[0].before), (1, &Some(Shown::Instant(due))));
        let back = asker.do_it(Proposal::Return { assets: assets.clone(), condition: Condition::Fair, location: Some(college.places.workshop) }).await;
        assert_eq!(fields(&back), [Field::State, Field::Holder, Field::Terms, Field::DueAt, Field::Location, Field::Condition]);
        asker.do_it(to_ada(&college, &assets)).await;
        let passed = Proposal::Reassign { assets: assets.clone(), target: ben, kind: AssignmentKind::Shared, location: None };
        assert_eq!(fields(&asker.do_it(passed).await), [Field::Holder, Field::Terms]);
        asker.do_it(Proposal::Move { assets: assets.clone(), location: college.places.reading_room }).await;
        let out = asker.do_it(Proposal::RepairOut { assets: assets.clone(), by: RepairBy::Vendor, rma_no: Some("R-1".to_owned()) }).await;
        assert_eq!(fields(&out), [Field::State, Field::RepairBy, Field::Number]);
        asker.do_it(Proposal::RepairIn { assets: assets.clone(), condition: Condition::Good }).await;
        let today = db.clock_now().day();
        let lost = Proposal::ReportMissing { assets: assets.clone(), kind: LossKind::Stolen, discovered_on: today, police_no: None };
        assert_eq!(fields(&asker.do_it(lost).await), [Field::State, Field::Loss, Field::DiscoveredOn]);
        asker.do_it(Proposal::Found { assets: assets.clone(), location: Some(college.places.workshop), handed_to: None, raw_code: None }).await;
        assert_eq!(college.state(asset).await, State::InStock);
        let noted = asker.do_it(Proposal::Note { assets, text: " Runs hot ".to_owned() }).await;
        assert_eq!(noted, [Change { asset, field: Field::Note, before: None, after: Some(Shown::Text("Runs hot".to_owned())) }]);
        assert_eq!(history(&college, asset.uuid()).await[0].remark_text.as_deref(), Some("Runs hot"));
    }

    /// A hundred assets in one proposal, which is one unit of work.
    async fn a_hundred_assets_at_once(db: TestDb) {
        let college = College::found(&db).await;
        let asker = asker(&college).await;
        let mut assets = Vec::new();
        for n in 0..100 {
            assets.push(college.asset(&format!("Tablet {n}")).register().await);
        }
        let changes = asker.do_it(to_ada(&college, &assets)).await;
        assert_eq!((changes.len(), entries(&college, "asset.deployed").await), (300, 100));
    }

    /// Whoever was given an asset acknowledges it, once for each custody; nobody else does, and no role is needed.
    async fn custody_is_acknowledged_by_the_holder_once(db: TestDb) {
        let college = College::found(&db).await;
        let install = college.workspace("T1").await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        let asset = college.asset("Microscope").tag("MIC-1").register().await;
        college.act(asset, deploy(ada)).await;
        let pending = async |person| {
            let access = college.access_as(person).await;
            let mut tx = db.read(&access).await;
            must(store::to_acknowledge(&mut tx, &access, 10).await)
        };
        assert_eq!((pending(ada).await, pending(ben).await), (vec![asset], vec![]));
        let hers = Asker { college: &college, person: ada, grant: college.grant(ada, Role::Requester, college.units.physics).await, install, user: college.link(install, "U0ADA", ada).await };
        let yes = || Proposal::Acknowledge { assets: vec![asset] };
        let changes = hers.do_it(yes()).await;
        assert_eq!(changes, [Change { asset, field: Field::Acknowledged, before: None, after: Some(Shown::Yes) }]);
        assert_eq!(pending(ada).await, []);
        let entry = &history(&college, asset.uuid()).await[0];
        assert_eq!((entry.kind.as_str(), entry.payload["person"].as_str()), ("custody.ack_accepted", Some(ada.to_string().as_str())));
        assert_eq!(refusal(hers.try_propose(yes()).await).code(), "asset_already_acknowledged");
        for access in [&college.access, &college.administrator().await] {
            assert_eq!(refusal(college.try_as(access, asset, Act::Acknowledge).await), AssetRefusal::NotHolder);
        }
        let bens = college.access_as(ben).await;
        assert_eq!(refusal(college.try_as(&bens, asset, Act::Acknowledge).await), AssetRefusal::Unknown);
        db.clock.advance_micros(1_000);
        college.act(asset, give_back()).await;
        college.act(asset, deploy(ada)).await;
        assert_eq!(pending(ada).await, [asset]);
        must(college.try_as(&college.access_as(ada).await, asset, Act::Acknowledge).await);
        assert_eq!(pending(ada).await, []);
        let acknowledged = "SELECT CAST(COUNT(*) AS BIGINT) FROM assignment WHERE acknowledged_at IS NOT NULL";
        assert_eq!(db.raw().await.number(acknowledged).await, 2);
    }
}
