//! Several nodes of one service: processes of the real binary over one PostgreSQL database, and the rates that they share in Redis.

mod deliveries;
mod memory;
mod node;

use std::time::{Duration, Instant};

use habeo_core::access::Role;
use habeo_core::ledger::audit::{self, Verdict};
use habeo_tests::builders::{College, Member};
use habeo_tests::database::{TestDb, on_postgres};
use habeo_tests::must;
use serde_json::{Value, json};

use node::{Node, Settings, redis, session_token};

/// What is ended or granted on one node is so on every other after this at most.
const SOON: Duration = Duration::from_secs(5);
const ME: &str = "/api/v1/me";

/// Asks both nodes again and again until both answer as expected, and says how long it took.
async fn both_become(
    nodes: [&Node; 2],
    token: &str,
    expected: impl Fn(u16, &Value) -> bool,
) -> Duration {
    let begun = Instant::now();
    loop {
        let mut agree = 0;
        for node in nodes {
            let (status, body) = node.get(ME, token).await;
            agree += usize::from(expected(status, &body));
        }
        let elapsed = begun.elapsed();
        if agree == nodes.len() {
            return elapsed;
        }
        assert!(elapsed < SOON, "not after {elapsed:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn two_nodes(db: &TestDb, settings: &Settings) -> (Node, Node) {
    tokio::join!(Node::serve(db, settings), Node::serve(db, settings))
}

async fn member(college: &College, name: &str) -> Member {
    college.member(name, college.units.physics, &[]).await
}

/// Both nodes write into one organisation at once. Every answer is durable, and the ledger is dense and whole.
#[test]
fn two_nodes_write_one_ledger() {
    on_postgres(async |db: TestDb| {
        let college = College::found(&db).await;
        let (one, two) = two_nodes(&db, &Settings::default()).await;
        let mut members = Vec::new();
        for n in 0..4 {
            members.push(member(&college, &format!("Robin {n} Example")).await);
        }
        let before = size(&db, &college).await;
        let writing: Vec<_> = (0..80_usize)
            .map(|n| {
                let node = if n % 2 == 0 { &one } else { &two };
                let member = &members[n / 2 % members.len()];
                let body =
                    json!({"token": format!("ExponentPushToken[phone-{n}]"), "platform": "ios"});
                node.post(
                    "/api/v1/push/register",
                    session_token(member, "sess_writer"),
                    body,
                )
            })
            .collect();
        for (status, body) in futures_util::future::join_all(writing).await {
            assert_eq!(status, 200, "{body}");
        }
        let after = size(&db, &college).await;
        assert_eq!(after, before + 80, "one entry for each phone");
        let org = college.org;
        let mut raw = db.raw().await;
        let dense = format!(
            "SELECT COUNT(*) FROM ledger_entry WHERE org_id = '{org}' AND log_index < {after}"
        );
        assert_eq!(raw.number(&dense).await, after);
        // What either wrote both read.
        for member in &members {
            let token = session_token(member, "sess_reader");
            assert_eq!(one.get(ME, &token).await, two.get(ME, &token).await);
        }
        one.stop().await;
        two.stop().await;
    });
}

/// How many entries the ledger has, all of them recomputed.
async fn size(db: &TestDb, college: &College) -> i64 {
    let mut tx = db.read(&college.access).await;
    match must(audit::verify(&mut tx, &college.access).await) {
        Verdict::Whole { size } => must(i64::try_from(size)),
        broken => panic!("{broken:?}"),
    }
}

/// A session, a person and a membership that the operator ends are refused by every node within five seconds, and nobody else's is.
#[test]
fn what_is_ended_is_refused_on_every_node() {
    on_postgres(async |db: TestDb| {
        let college = College::found(&db).await;
        let (robin, kim, noa, sam) = (
            member(&college, "Robin Example").await,
            member(&college, "Kim Example").await,
            member(&college, "Noa Example").await,
            member(&college, "Sam Example").await,
        );
        let (one, two) = two_nodes(&db, &Settings::default()).await;
        let tokens = [&robin, &kim, &noa, &sam]
            .map(|member| session_token(member, &format!("sess_{}", member.credential.subject)));
        for token in &tokens {
            for node in [&one, &two] {
                assert_eq!(node.get(ME, token).await.0, 200);
            }
        }
        let ended = [
            vec![
                "--session".to_owned(),
                format!("sess_{}", robin.credential.subject),
            ],
            vec!["--person".to_owned(), kim.credential.subject.clone()],
            vec![
                "--person".to_owned(),
                noa.credential.subject.clone(),
                "--org".to_owned(),
                "westmark".to_owned(),
            ],
        ];
        for (words, token) in ended.iter().zip(&tokens) {
            let words = ["session", "revoke"]
                .into_iter()
                .chain(words.iter().map(String::as_str));
            node::habeo(&db, words).await;
            both_become([&one, &two], token, |status, body| {
                status == 401 && body["code"] == "unauthenticated"
            })
            .await;
        }
        assert_eq!(one.get(ME, &tokens[3]).await.0, 200);
        one.stop().await;
        // A node that starts afterwards knows it from its first answer on.
        let three = Node::serve(&db, &Settings::default()).await;
        for token in &tokens[..3] {
            assert_eq!(three.get(ME, token).await.0, 401);
        }
        two.stop().await;
        three.stop().await;
    });
}

/// What the issuer reports to one node to have ended is refused there at once, and by the other as soon as it looks.
#[test]
fn what_the_issuer_ends_is_refused_on_every_node() {
    on_postgres(async |db: TestDb| {
        let college = College::found(&db).await;
        let (robin, kim) = (
            member(&college, "Robin Example").await,
            member(&college, "Kim Example").await,
        );
        let (one, two) = two_nodes(&db, &Settings::default()).await;
        let (subject, session) = (&robin.credential.subject, "sess_robin");
        let token = session_token(&robin, session);
        let other = session_token(&kim, "sess_kim");
        for node in [&one, &two] {
            assert_eq!(node.get(ME, &token).await.0, 200);
            assert_eq!(node.get(ME, &other).await.0, 200);
        }
        let ended = json!({
            "type": "session.revoked", "instance_id": "ins_1", "timestamp": 1_767_225_600_123_i64,
            "data": {"object": "session", "id": session, "user_id": subject, "last_active_organization_id": "westmark"},
        });
        let (status, body) = one.report("msg_1", &ended).await;
        assert_eq!(
            (status, body["received"].as_bool()),
            (200, Some(true)),
            "{body}"
        );
        assert_eq!(one.get(ME, &token).await.0, 401);
        both_become([&one, &two], &token, |status, _| status == 401).await;
        // An account that is deleted, reported to the other node.
        let deleted = json!({"type": "user.deleted", "data": {"object": "user", "id": kim.credential.subject, "deleted": true}});
        assert_eq!(two.report("msg_2", &deleted).await.0, 200);
        assert_eq!(two.get(ME, &other).await.0, 401);
        both_become([&one, &two], &other, |status, _| status == 401).await;
        one.stop().await;
        two.stop().await;
    });
}

/// A role that is given or taken elsewhere counts on every node within five seconds.
#[test]
fn rights_that_change_elsewhere_count_on_every_node() {
    on_postgres(async |db: TestDb| {
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let (one, two) = two_nodes(&db, &Settings::default()).await;
        let token = session_token(&robin, "sess_robin");
        let has = |role: &'static str| {
            move |status: u16, body: &Value| status == 200 && body["data"]["role"] == role
        };
        both_become([&one, &two], &token, has("requester")).await;
        let grant = [
            "grant",
            "--org",
            "westmark",
            "--person",
            &robin.credential.subject,
            "--role",
            "technician",
        ];
        node::habeo(&db, grant).await;
        both_become([&one, &two], &token, has("technician")).await;
        college
            .grant(robin.person, Role::Auditor, college.units.root)
            .await;
        both_become([&one, &two], &token, has("auditor")).await;
        one.stop().await;
        two.stop().await;
    });
}

/// One session's rate is one, on whichever node its requests arrive; without Redis each node counts for itself and still answers.
#[test]
fn a_session_has_one_rate_on_all_nodes() {
    on_postgres(async |db: TestDb| {
        let Some(url) = redis() else { return };
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let rates = |redis: &str| Settings {
            rate: 60,
            redis: Some(redis.to_owned()),
            ..Settings::default()
        };
        let (one, two) = two_nodes(&db, &rates(&url)).await;
        let (allowed, seconds) = flood([&one, &two], &robin).await;
        assert!(
            (60..=61 + seconds).contains(&allowed),
            "{allowed} of 120 in {seconds} s"
        );
        one.stop().await;
        two.stop().await;
        // A port at which nothing listens.
        let gone = rates("redis://127.0.0.1:1/0");
        let (one, two) = two_nodes(&db, &gone).await;
        let (allowed, _) = flood([&one, &two], &robin).await;
        assert_eq!(allowed, 120, "sixty on each node");
        one.stop().await;
        two.stop().await;
    });
}

/// Sixty requests of one fresh session to each of two nodes: how many were let in, and how many whole seconds it took.
async fn flood(nodes: [&Node; 2], member: &Member) -> (u64, u64) {
    let token = session_token(member, &format!("sess_{}", uuid::Uuid::new_v4().simple()));
    let begun = Instant::now();
    let mut allowed = 0;
    for _ in 0..60 {
        for node in nodes {
            let (status, body) = node.get(ME, &token).await;
            assert!(matches!(status, 200 | 429), "{status}: {body}");
            allowed += u64::from(status == 200);
        }
    }
    (allowed, begun.elapsed().as_secs())
}
