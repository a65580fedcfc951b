//! Bad tokens over every operation: one refusal for all of them, which tells nothing.

use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::ISSUER;
use habeo_tests::issuer::{changed, claims, header, issuer, stranger, unsigned};
use serde_json::{Value, json};

use super::hostile::{begin, credential, path};
use super::proper::assert_proper;
use super::world::World;

/// Tokens that are not good, with what is wrong with them.
fn bad_tokens(world: &World) -> Vec<(&'static str, String)> {
    let credential = credential(world);
    let now = world.app.db.ledger.clock().now();
    let claims = claims(&credential, now);
    let seconds = now.seconds();
    let signed = |changes: Value| issuer().sign(&header(), &changed(claims.clone(), changes));
    let headed = |changes: Value| issuer().sign(&changed(header(), changes), &claims);
    let good = issuer().sign(&header(), &claims);
    vec![
        ("nothing", String::new()),
        ("garbage", "garbage".to_owned()),
        ("dots", "..".to_owned()),
        ("four parts", format!("{good}.x")),
        ("without signature", unsigned(&header(), &claims) + "."),
        (
            "a stranger's signature",
            stranger().sign(&header(), &claims),
        ),
        ("altered", good.replacen('A', "B", 1)),
        ("20 KB", "a".repeat(20_000)),
        (
            "7 KB",
            format!(
                "{}.{}.{}",
                "a".repeat(2_000),
                "b".repeat(3_000),
                "c".repeat(2_000)
            ),
        ),
        (
            "alg none",
            unsigned(&changed(header(), json!({"alg": "none"})), &claims) + ".x",
        ),
        ("alg HS256", headed(json!({"alg": "HS256"}))),
        ("alg RS512", headed(json!({"alg": "RS512"}))),
        ("typ at+jwt", headed(json!({"typ": "at+jwt"}))),
        ("crit", headed(json!({"crit": ["exp"]}))),
        ("jku", headed(json!({"jku": "https://evil.example/jwks"}))),
        (
            "expired",
            signed(json!({"iat": seconds - 70, "exp": seconds - 6})),
        ),
        ("not yet", signed(json!({"nbf": seconds + 6}))),
        ("issued later", signed(json!({"iat": seconds + 6}))),
        ("two hours", signed(json!({"exp": seconds + 7_200}))),
        (
            "another issuer",
            signed(json!({"iss": "https://other.example"})),
        ),
        (
            "issuer with a slash",
            signed(json!({"iss": format!("{ISSUER}/")})),
        ),
        (
            "another party",
            signed(json!({"azp": "https://evil.example"})),
        ),
        ("no sid", signed(json!({"sid": null}))),
        ("no sub", signed(json!({"sub": null}))),
        ("empty sub", signed(json!({"sub": ""}))),
        ("sub a number", signed(json!({"sub": 7}))),
        ("version 3", signed(json!({"v": 3}))),
        ("no exp", signed(json!({"exp": null}))),
        ("exp a float", signed(json!({"exp": 1e300}))),
    ]
}

/// Failed authentications are limited by address; a little time between them keeps the limiter out of these tests.
fn breathe(app: &TestApp) {
    app.wait_seconds(2);
}

both_engines! {
    /// Without a good token every operation answers one and the same refusal, also to a request that is wrong otherwise.
    async fn without_a_good_token_every_operation_refuses_alike(db: TestDb) {
        let world = World::over(&db).await;
        let before = db.raw().await.row_counts().await;
        for operation in &world.operations {
            let target = path(&world, operation);
            for target in [target.clone(), format!("{target}?unheard=of&limit=x")] {
                let mut bodies = Vec::new();
                breathe(&world.app);
                bodies.push(begin(&world, operation, &target).send().await);
                breathe(&world.app);
                let good = world.app.token_of(&credential(&world));
                bodies.push(begin(&world, operation, &target).bearer(&good).bearer(&good).send().await);
                breathe(&world.app);
                bodies.push(begin(&world, operation, &target).header("authorization", &format!("Basic {good}")).send().await);
                breathe(&world.app);
                bodies.push(begin(&world, operation, &target).header("authorization", &good).send().await);
                for (what, answer) in bodies.iter().enumerate() {
                    let what = format!("{} {what}", operation.id);
                    assert_proper(answer, Some(operation), &what);
                    let body = answer.problem(401, "unauthenticated");
                    assert_eq!(body["detail"], bodies[0].json()["detail"], "{what}");
                    assert_eq!(body["errors"], Value::Null, "{what}");
                }
            }
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// Whatever is wrong with a token, the answer is the same.
    async fn every_bad_token_is_refused_alike(db: TestDb) {
        let world = World::over(&db).await;
        let mut answers = Vec::new();
        let count = bad_tokens(&world).len();
        for n in 0..count {
            breathe(&world.app);
            // Made anew: time has passed.
            let (what, token) = bad_tokens(&world).swap_remove(n);
            let answer = world.app.get("/api/v1/me").bearer(&token).send().await;
            assert!(matches!(answer.status.as_u16(), 401 | 431), "{what}: {}", answer.text());
            assert_proper(&answer, None, what);
            if answer.status == 401 {
                answers.push(answer.json()["detail"].clone());
            }
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
    }
}
