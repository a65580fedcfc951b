//! Commands that wait together are carried out together, and each as if it had come alone.

use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use habeo_core::access::{Access, Role};
use habeo_core::asset::State;
use habeo_core::asset::command::{Act, Command, FieldValue};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::steps::Done;
use habeo_core::explain::Explain as _;
use habeo_core::id::{AssetId, LocationId, PersonId};
use habeo_core::idempotency::{self, Answer, Key, Once};
use habeo_core::ledger::audit::{self, Verdict};
use habeo_core::ledger::{self, Failure, RecordError, Work};
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::store::Engine;
use habeo_tests::builders::{College, command, person, serial, tag};
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};
use tokio::sync::oneshot;

use super::{deploy, give_back, refusal};

/// Holds up the writer until everybody else waits in line.
struct HeldUp(oneshot::Receiver<()>);

impl ledger::Command for HeldUp {
    type Answer = ();
    type Refusal = Refusal;

    /// So much that nobody comes into its group.
    fn weight(&self) -> usize {
        1_000
    }

    async fn execute(self, _work: &mut Work) -> Result<(), Failure<Refusal>> {
        must(self.0.await);
        Ok(())
    }
}

/// Has them carried out in one group, in this order.
async fn together<T>(college: &College, asked: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let (go_on, wait) = oneshot::channel();
    let held_up = college.db.ledger.record(&college.access, HeldUp(wait));
    // Each is handed over when it is asked for the first time.
    let (held_up, answers, ()) = tokio::join!(held_up, join_all(asked), async {
        must(go_on.send(()));
    });
    must(held_up);
    answers
}

type Answered = Result<Done, RecordError<Refusal>>;

fn by<'a>(college: &'a College, access: &'a Access, command: Command) -> BoxFuture<'a, Answered> {
    college.db.ledger.record(access, command).boxed()
}

/// Has the operator's commands carried out in one group.
async fn commands(college: &College, commands: Vec<Command>) -> Vec<Answered> {
    let asked = commands.into_iter();
    let asked = asked.map(|command| by(college, &college.access, command));
    together(college, asked.collect()).await
}

fn move_to(location: LocationId) -> Act {
    Act::Move {
        location,
        observation: None,
    }
}

fn with_serial(text: &str) -> Act {
    Act::ChangeFields(vec![FieldValue::Serial(Some(serial(text)))])
}

async fn entries(db: &TestDb) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry";
    db.raw().await.number(sql).await
}

async fn assert_whole(college: &College) {
    let mut tx = college.db.read(&college.access).await;
    let verdict = must(audit::verify(&mut tx, &college.access).await);
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
}

fn indexes(answers: &[Answered]) -> Vec<i64> {
    let done = answers.iter().filter_map(|answer| answer.as_ref().ok());
    done.map(|done| done.index).collect()
}

fn once(key: &str, command: Command) -> Once<Command> {
    Once {
        key: must(Key::parse(key)),
        route: "asset_command",
        input: format!("{command:?}"),
        command,
    }
}

type OnceAnswered = Result<Answer<Done>, RecordError<idempotency::Refusal<Refusal>>>;

/// Refuses to store what is so described, whatever the rules say.
async fn poison(db: &TestDb, description: &str) {
    let statements = match db.engine() {
        Engine::Sqlite => vec![format!(
            "CREATE TRIGGER poison BEFORE UPDATE ON asset WHEN NEW.description = '{description}'
             BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
        )],
        Engine::Postgres => vec![
            format!(
                "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN IF NEW.description = '{description}' THEN RAISE EXCEPTION 'poisoned'; END IF; RETURN NEW; END $$"
            ),
            "CREATE TRIGGER poison BEFORE UPDATE ON asset FOR EACH ROW EXECUTE FUNCTION poison()"
                .to_owned(),
        ],
    };
    let mut raw = db.raw().await;
    for statement in statements {
        must(raw.execute(&statement).await);
    }
}

async fn describe(college: &College, asset: AssetId) -> String {
    college.detail(asset).await.description
}

both_engines! {
    /// Later ones find what earlier ones left, although nothing was written between them.
    async fn commands_build_on_each_other(db: TestDb) {
        let college = College::found(&db).await;
        let (ada, places) = (college.people.ada, college.places);
        let old = college.asset("Microscope").at(places.library).register().await;
        let new = college.asset("Balance").tag("OLD-9");
        let id = new.id();
        let answers = commands(&college, vec![
            command(old, move_to(places.north)),
            command(old, move_to(places.workshop)),
            command(old, deploy(ada)),
            command(old, deploy(ada)),
            command(old, give_back()),
            command(old, deploy(college.people.ben)),
            new.command(),
            command(id, Act::Retag { tag: tag("OLD-10") }),
            college.asset("Another").tag("OLD-9").command(),
            college.asset("Another").tag("OLD-10").command(),
            command(id, Act::Retire),
        ]).await;
        let refused: Vec<_> = (0..answers.len()).filter(|n| answers[*n].is_err()).collect();
        assert_eq!(refused, [3, 8, 9]);
        let first = indexes(&answers)[0];
        assert_eq!(indexes(&answers), (first..first + 8).collect::<Vec<_>>());
        assert_eq!(college.state(old).await, State::InUse);
        assert_eq!(college.state(id).await, State::Retired);
        assert_eq!(college.detail(old).await.location_id, Some(places.workshop));
        let mut raw = db.raw().await;
        let left = raw.number("SELECT CAST(COUNT(*) AS BIGINT) FROM assignment WHERE to_at IS NOT NULL").await;
        let open = raw.number("SELECT CAST(COUNT(*) AS BIGINT) FROM assignment WHERE to_at IS NULL").await;
        assert_eq!((left, open), (1, 1));
        // Where it came from is where the one before had put it.
        let from = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE log_index = {} AND bytes LIKE '%\"from\":\"{}\"%'", first + 1, places.north);
        assert_eq!(raw.number(&from).await, 1);
        assert_whole(&college).await;
    }

    /// What is refused leaves no row, and its neighbours are as if it had not been there.
    async fn a_refused_command_changes_nothing_for_its_neighbours(db: TestDb) {
        let college = College::found(&db).await;
        let places = college.places;
        let asset = college.asset("Microscope").register().await;
        let before = db.raw().await.row_counts().await;
        let answers = commands(&college, vec![command(asset, Act::Cancel), command(asset, Act::Reinstate { tag_attached: true })]).await;
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(db.raw().await.row_counts().await, before);
        let count = entries(&db).await;
        let mut remark = command(asset, Act::Cancel);
        remark.remark = Some("left nowhere".to_owned());
        let answers = commands(&college, vec![
            command(asset, move_to(places.north)),
            remark,
            command(asset, move_to(places.workshop)),
        ]).await;
        assert_eq!(indexes(&answers), [count, count + 1]);
        let Err(RecordError::Refused(Refusal::InvalidTransition { command, state, .. })) = &answers[1] else {
            panic!("{:?}", answers[1]);
        };
        assert_eq!((*command, *state), ("cancel", State::InStock));
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_remark").await, 0);
        assert_eq!(entries(&db).await, count + 2);
        assert_whole(&college).await;
    }

    /// Each is judged by the rights of whoever gives it, whoever stands beside them.
    async fn rights_are_those_of_each(db: TestDb) {
        let college = College::found(&db).await;
        let (units, places) = (college.units, college.places);
        let of_physics = college.asset("Laser").unit(units.physics).register().await;
        let of_history = college.asset("Globe").unit(units.history).register().await;
        let physicist = college.access_of(&[(Role::Technician, units.science)]).await;
        let historian = college.access_of(&[(Role::Technician, units.history)]).await;
        let reader = college.access_of(&[(Role::Auditor, units.physics)]).await;
        let nobody = college.access_of(&[]).await;
        let holder = college.member("Holder", units.music, &[]).await;
        let holds = college.sign_in(&holder).await.access;
        let asked = vec![
            by(&college, &college.access, command(of_physics, move_to(places.north))),
            by(&college, &historian, command(of_physics, move_to(places.library))),
            by(&college, &physicist, command(of_physics, move_to(places.workshop))),
            by(&college, &physicist, command(of_history, move_to(places.workshop))),
            by(&college, &historian, command(of_history, move_to(places.foundry))),
            by(&college, &reader, command(of_physics, move_to(places.library))),
            by(&college, &nobody, command(of_physics, move_to(places.library))),
            by(&college, &holds, command(of_physics, move_to(places.library))),
            by(&college, &college.access, command(of_physics, deploy(holder.person))),
            by(&college, &holds, command(of_physics, move_to(places.library))),
        ];
        let answers = together(&college, asked).await;
        let done: Vec<_> = (0..answers.len()).filter(|n| answers[*n].is_ok()).collect();
        assert_eq!(done, [0, 2, 4, 8]);
        for (n, answer) in answers.into_iter().enumerate() {
            match n {
                1 | 3 | 6 | 7 => assert_eq!(refusal(answer), Refusal::Unknown, "{n}"),
                // They see it, and may not.
                5 | 9 => assert_eq!(refusal(answer), Refusal::NotPermitted, "{n}"),
                _ => {}
            }
        }
        assert_eq!(college.detail(of_physics).await.location_id, Some(places.workshop));
        assert_eq!(college.detail(of_history).await.location_id, Some(places.foundry));
        assert_whole(&college).await;
    }

    /// Who asks again in the same group is answered with what was answered to them, and to nobody else.
    async fn a_repetition_beside_the_first_is_answered_alike(db: TestDb) {
        let college = College::found(&db).await;
        let places = college.places;
        let asset = college.asset("Microscope").register().await;
        let other = college.access_of(&[(Role::Technician, college.units.root)]).await;
        let to = |place| command(asset, move_to(place));
        let count = entries(&db).await;
        let ask = |access, key, command| -> BoxFuture<'_, OnceAnswered> {
            db.ledger.record(access, once(key, command)).boxed()
        };
        let asked = vec![
            ask(&college.access, "a", to(places.north)),
            ask(&college.access, "a", to(places.north)),
            ask(&college.access, "a", to(places.library)),
            ask(&other, "a", to(places.workshop)),
            ask(&college.access, "b", command(asset, Act::Cancel)),
            ask(&college.access, "b", command(asset, Act::Cancel)),
        ];
        let mut answers = together(&college, asked).await;
        for refused in answers.split_off(4) {
            assert!(matches!(refusal(refused), idempotency::Refusal::Command(Refusal::InvalidTransition { .. })));
        }
        let last = must(answers.pop().ok_or("no answer"));
        let reused = must(answers.pop().ok_or("no answer"));
        assert!(matches!(refusal(reused), idempotency::Refusal::KeyReused));
        assert!(!must(last).replayed);
        let answers: Vec<_> = answers.into_iter().map(must).collect();
        assert_eq!(answers.iter().map(|given| given.replayed).collect::<Vec<_>>(), [false, true]);
        assert_eq!(answers[0].answer, answers[1].answer);
        assert_eq!(entries(&db).await, count + 2);
        let kept = "SELECT CAST(COUNT(*) AS BIGINT) FROM idempotency";
        assert_eq!(db.raw().await.number(kept).await, 2);
        // And in a later group, beside something else; a day later it is a new request, in the place of the old one.
        let again = || vec![
            ask(&college.access, "a", to(places.north)),
            ask(&other, "a", to(places.workshop)),
            ask(&college.access, "c", to(places.foundry)),
        ];
        let later: Vec<_> = together(&college, again()).await.into_iter().map(must).collect();
        assert_eq!(later.iter().map(|given| given.replayed).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(later[0].answer, answers[0].answer);
        db.clock.advance_micros(idempotency::LIFE_MICROS);
        let anew: Vec<_> = together(&college, again()).await.into_iter().map(must).collect();
        assert!(anew.iter().all(|given| !given.replayed));
        assert_eq!(db.raw().await.number(kept).await, 3);
        assert_whole(&college).await;
    }

    /// A serial number that one gives up is there for the next, also when two exchange theirs.
    async fn what_one_gives_up_another_takes(db: TestDb) {
        let college = College::found(&db).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        let one = college.asset("One").serial("SN-1001").register().await;
        let two = college.asset("Two").serial("SN-1002").register().await;
        let three = college.asset("Three").register().await;
        let answers = commands(&college, vec![
            command(two, with_serial("SN-1001")),
            command(one, with_serial("SN-1009")),
            command(two, with_serial("SN-1001")),
            command(one, with_serial("SN-1002")),
            command(one, Act::Void { approved_by: [ada, ben] }),
            command(three, with_serial("SN-1002")),
        ]).await;
        let refused: Vec<_> = (0..answers.len()).filter(|n| answers[*n].is_err()).collect();
        assert_eq!(refused, [0]);
        for (asset, expected) in [(one, "SN-1002"), (two, "SN-1001"), (three, "SN-1002")] {
            assert_eq!(college.detail(asset).await.serial, Some(serial(expected)));
        }
        assert_whole(&college).await;
    }

    /// What writes by itself comes in its turn: what stands before it does not know it, and what comes after does.
    async fn other_commands_come_in_their_turn(db: TestDb) {
        let college = College::found(&db).await;
        let (one, two) = (college.asset("One").register().await, college.asset("Two").register().await);
        let id = PersonId::generate(db.ledger.clock().now(), db.ledger.random());
        let newcomer = RegisterPerson {
            id: Some(id),
            ..person("New Comer", college.units.physics, Affiliation::Staff, PersonStatus::Active)
        };
        let operator = &college.access;
        let asked: Vec<BoxFuture<'_, bool>> = vec![
            by(&college, operator, command(one, deploy(id))).map(|answer| answer.is_ok()).boxed(),
            by(&college, operator, command(two, move_to(college.places.north))).map(|answer| answer.is_ok()).boxed(),
            db.ledger.record(operator, newcomer).map(|answer| answer.is_ok()).boxed(),
            by(&college, operator, command(one, deploy(id))).map(|answer| answer.is_ok()).boxed(),
            by(&college, operator, command(two, deploy(id))).map(|answer| answer.is_ok()).boxed(),
        ];
        assert_eq!(together(&college, asked).await, [false, true, true, true, true]);
        assert_eq!(college.state(two).await, State::InUse);
        assert_eq!(college.detail(two).await.location_id, Some(college.places.north));
        assert_whole(&college).await;
    }

    /// What the tables refuse although no rule does fails by itself; its neighbours are recorded.
    async fn what_cannot_be_written_fails_alone(db: TestDb) {
        let college = College::found(&db).await;
        let (one, two) = (college.asset("One").register().await, college.asset("Two").register().await);
        poison(&db, "Poisoned").await;
        let count = entries(&db).await;
        let to = |text: &str| Act::ChangeFields(vec![FieldValue::Description(text.to_owned())]);
        let answers = commands(&college, vec![
            command(one, to("Fine")),
            command(two, to("Poisoned")),
            command(two, move_to(college.places.library)),
            command(one, move_to(college.places.north)),
        ]).await;
        let failed: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(RecordError::code)).collect();
        assert_eq!(failed, [None, Some("internal_error"), None, None]);
        assert_eq!(indexes(&answers), [count, count + 1, count + 2]);
        assert_eq!(describe(&college, one).await, "Fine");
        assert_eq!(describe(&college, two).await, "Two");
        assert_eq!(college.detail(two).await.location_id, Some(college.places.library));
        assert_eq!(entries(&db).await, count + 3);
        assert_eq!(db.ledger.stopped_because(), None);
        assert_whole(&college).await;
    }
}
