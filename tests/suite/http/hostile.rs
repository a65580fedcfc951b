//! Hostile input over every operation: each answer is a proper one, and nothing in the database has moved.

use futures_util::stream;
use habeo_core::session::Credential;
use habeo_tests::app::Call;
use habeo_tests::both_engines;
use habeo_tests::issuer::changed;
use poem::Body;
use poem::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::operations::{Kind, Operation, encode};
use super::proper::assert_proper;
use super::world::World;

/// Texts that have broken somebody's parser, encoder or database.
fn nasty() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "a\0b",
        "ab\u{0}",
        "\u{1}\u{2}",
        "\r\nX-Evil: 1",
        "😀😀",
        "é\u{301}\u{301}",
        "\u{202E}abc",
        "\u{FEFF}abc",
        "ﷺﷺ",
        "\u{10FFFF}\u{10FFFF}",
        "'",
        "''",
        "\"\"",
        "a'b\"c",
        "' OR 1=1 --",
        "'; DROP TABLE asset; --",
        "%",
        "_%",
        "\\",
        "\\x00",
        "a\\",
        "ab* OR cd",
        "NEAR(ab cd)",
        "ab AND",
        "\"ab",
        "(ab",
        "ab:*",
        "ab & | !",
        "^ab",
        "{ab cd}",
        "-ab",
        "ab:cd",
        "$1",
        "?1",
        "{}",
        "[]",
        "null",
        "NaN",
        "true",
        "0",
        "-1",
        "1e9",
        "256",
        "101",
        "99999999999999999999",
        "-9223372036854775808",
        "0x10",
        "1.5",
        "+5",
        "٣",
        "00000000-0000-0000-0000-000000000000",
        "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
        "{00000000-0000-0000-0000-000000000000}",
        "../../../etc/passwd",
        "..",
        "%2e%2e",
        "https://evil.example/t/%00",
        "http://[",
        "https://x/t/",
        "1S",
        "S",
        "AAAA",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:60Z",
        "-0001-01-01T00:00:00Z",
        "2026-01-01T00:00:00+23:59",
        "in_use,retired",
        "IN_USE",
        "²½",
        "١٢٣٤",
        "ǅǅ",
        "ßß",
        "İİ",
        "a@b",
        "@",
        "a@\0",
    ]
    .into_iter()
    .map(ToOwned::to_owned)
    .collect();
    texts.extend([
        "a".repeat(200),
        "a ".repeat(300),
        "é".repeat(150),
        "a".repeat(1_100),
    ]);
    texts
}

/// A value that suits a parameter, where another one is to be blamed.
fn plain(world: &World, kind: Kind) -> String {
    let asset = world.ours.assets[0];
    match kind {
        Kind::Asset => asset.to_string(),
        Kind::Person => world.ours.caller("nobody").person.to_string(),
        Kind::Site => world.ours.college.places.main.to_string(),
        Kind::Tag => "westmark-physics-1".to_owned(),
        _ => Uuid::nil().to_string(),
    }
}

pub fn path(world: &World, operation: &Operation) -> String {
    operation.path_with(|parameter| plain(world, parameter.kind))
}

pub fn begin<'a>(world: &'a World, operation: &Operation, target: &str) -> Call<'a> {
    let call = world.app.request(operation.method.clone(), target);
    if operation.takes_body {
        call.json(&good_body())
    } else {
        call
    }
}

/// A body that would be accepted.
fn good_body() -> Value {
    json!({"token": "ExponentPushToken[never-registered]", "platform": "android", "deviceName": "x"})
}

pub fn credential(world: &World) -> Credential {
    world.ours.caller("org_admin").credential.clone()
}

both_engines! {
    /// Every query and path parameter of every operation with every nasty text.
    async fn nasty_parameters_are_answered_properly(db: TestDb) {
        let world = World::over(&db).await;
        let token = world.app.token_of(&credential(&world));
        let before = db.raw().await.row_counts().await;
        for operation in &world.operations {
            let path = path(&world, operation);
            for text in nasty() {
                let value = encode(&text);
                for parameter in &operation.query {
                    let target = format!("{path}?{}={value}", parameter.name);
                    let answer = begin(&world, operation, &target).bearer(&token).send().await;
                    assert_proper(&answer, Some(operation), &format!("{} {}={text:?}", operation.id, parameter.name));
                }
                // An empty segment, or one that steps upwards, is another path.
                if !operation.path.is_empty() && !text.is_empty() && !text.starts_with("..") {
                    let target = operation.path_with(|_| text.clone());
                    let answer = begin(&world, operation, &target).bearer(&token).send().await;
                    assert_proper(&answer, Some(operation), &format!("{} {text:?}", operation.id));
                    assert!(operation.reads() || answer.status.is_client_error(), "{} {text:?}", operation.id);
                }
            }
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// What an operation does not take is refused by name; so are repetitions, too many parameters and too long addresses.
    async fn queries_have_their_bounds(db: TestDb) {
        let world = World::over(&db).await;
        let token = world.app.token_of(&credential(&world));
        let before = db.raw().await.row_counts().await;
        let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        for operation in &world.operations {
            let path = path(&world, operation);
            let mut cases = vec![
                ("unheard=of".to_owned(), 400, "unknown_parameter"),
                ("%00=1".to_owned(), 400, "unknown_parameter"),
                ("LIMIT=5".to_owned(), 400, "unknown_parameter"),
                (many(33), 400, "invalid_request"),
                (many(32), 400, "unknown_parameter"),
                (format!("q={}", "a".repeat(1_100)), 400, "invalid_request"),
                (format!("p={}", "a".repeat(9 * 1_024)), 414, "uri_too_long"),
            ];
            for parameter in &operation.query {
                cases.push((format!("{0}=1&{0}=1", parameter.name), 400, "parameter_invalid"));
            }
            for (query, status, code) in cases {
                let answer = begin(&world, operation, &format!("{path}?{query}")).bearer(&token).send().await;
                let what = format!("{} ?{}", operation.id, &query[..query.len().min(40)]);
                assert_proper(&answer, Some(operation), &what);
                assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{what}");
            }
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// Methods that a path does not have are refused with those that it has.
    async fn wrong_methods_are_told_the_right_ones(db: TestDb) {
        let world = World::over(&db).await;
        let token = world.app.token_of(&credential(&world));
        let before = db.raw().await.row_counts().await;
        let other = ["TRACE", "CONNECT", "PROPFIND", "get"].map(|name| Method::from_bytes(name.as_bytes()).expect("a method"));
        let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS].into_iter().chain(other);
        for method in methods {
            for operation in &world.operations {
                let has = |method: &Method| world.operations.iter().any(|other| other.pattern == operation.pattern && other.method == *method);
                if has(&method) || method == Method::HEAD && has(&Method::GET) {
                    continue;
                }
                for call in [world.app.request(method.clone(), &path(&world, operation)).bearer(&token), world.app.request(method.clone(), &path(&world, operation))] {
                    let answer = call.send().await;
                    let what = format!("{method} {}", operation.pattern);
                    assert_proper(&answer, Some(operation), &what);
                    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "method_not_allowed"), "{what}");
                    assert!(answer.header("allow").is_some_and(|allow| allow.split(", ").any(|name| name == operation.method.as_str())), "{what}");
                }
            }
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// Bodies that are too large, encoded, or not JSON as it should be, on every operation that takes one.
    async fn nasty_bodies_are_answered_properly(db: TestDb) {
        let world = World::over(&db).await;
        let token = world.app.token_of(&credential(&world));
        let before = db.raw().await.row_counts().await;
        let good = good_body().to_string();
        let mut cases: Vec<(Vec<u8>, u16)> = [
            "", " ", "{", "{\"token\"", "[]", "null", "7", "\"x\"", "{} {}", "{'a':1}", "{\"token\":NaN}", "{\"a\":1,\"a\":2}", "{,}", "\u{FEFF}{}",
            "{\"token\":\"\\ud800\"}", "{\"n\":1e999}", "{\"n\":9007199254740993}",
        ].into_iter().map(|text| (text.as_bytes().to_vec(), 400)).collect();
        cases.push((b"\xFF\xFE{}".to_vec(), 400));
        cases.push((format!("{}{}", "[".repeat(33), "]".repeat(33)).into_bytes(), 400));
        cases.push((format!("{{\"a\":{}1{}}}", "[".repeat(33), "]".repeat(33)).into_bytes(), 400));
        let valid: Value = good_body();
        for (changes, status) in [
            (json!({"token": null}), 422), (json!({"platform": null}), 422), (json!({"token": 7}), 422), (json!({"token": true}), 422),
            (json!({"token": ["x"]}), 422), (json!({"token": {"a": 1}}), 422), (json!({"token": ""}), 422), (json!({"token": "x"}), 422),
            (json!({"token": "ExponentPushToken[a b]"}), 422), (json!({"token": "ExponentPushToken[\u{0}]"}), 422), (json!({"token": "a".repeat(300)}), 422),
            (json!({"platform": "windows"}), 422), (json!({"platform": "IOS"}), 422), (json!({"platform": 1}), 422),
            (json!({"deviceName": "a\u{0}b"}), 422), (json!({"deviceName": "\u{202E}x"}), 422), (json!({"deviceName": "a".repeat(101)}), 422),
            (json!({"deviceName": 5}), 422), (json!({"extra": 1}), 422), (json!({"": 1}), 422), (json!({"\u{0}": 1}), 422), (json!({"__proto__": {}}), 422),
        ] {
            cases.push((changed(valid.clone(), changes).to_string().into_bytes(), status));
        }
        for operation in world.operations.iter().filter(|operation| operation.takes_body) {
            let target = path(&world, operation);
            let call = || world.app.request(operation.method.clone(), &target).bearer(&token);
            for (body, status) in &cases {
                let what = format!("{} {}", operation.id, body.escape_ascii());
                let answer = call().header("content-type", "application/json").body(body.clone()).send().await;
                assert_proper(&answer, Some(operation), &what);
                assert_eq!(answer.status.as_u16(), *status, "{what}: {}", answer.text());
            }
            for media_type in ["text/plain", "application/xml", "application/json; charset=utf-16", "application/problem+json", "json", ""] {
                let answer = call().header("content-type", media_type).body(good.clone()).send().await;
                assert_proper(&answer, Some(operation), media_type);
                answer.problem(415, "unsupported_media_type");
            }
            call().body(good.clone()).send().await.problem(415, "unsupported_media_type");
            let large = vec![b' '; 300 * 1_024];
            let declared = call().header("content-type", "application/json").header("content-length", &large.len().to_string());
            declared.body(large.clone()).send().await.problem(413, "payload_too_large");
            let chunks = large.chunks(1_024).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
            let chunked = call().header("content-type", "application/json").body(Body::from_bytes_stream(stream::iter(chunks)));
            chunked.send().await.problem(413, "payload_too_large");
            for length in ["x", "-1", "18446744073709551616"] {
                let answer = call().header("content-type", "application/json").header("content-length", length).body(good.clone()).send().await;
                assert_proper(&answer, Some(operation), length);
                assert!(answer.status.is_client_error());
            }
        }
        for operation in &world.operations {
            for encoding in ["gzip", "br", "identity, gzip", "x"] {
                let answer = begin(&world, operation, &path(&world, operation)).header("content-encoding", encoding).bearer(&token).send().await;
                assert_proper(&answer, Some(operation), encoding);
                answer.problem(415, "unsupported_media_type");
            }
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// Many headers, long ones, and ids of requests that are not ours to repeat.
    async fn nasty_headers_are_answered_properly(db: TestDb) {
        let world = World::over(&db).await;
        let token = world.app.token_of(&credential(&world));
        for operation in &world.operations {
            if !operation.reads() {
                continue;
            }
            let target = path(&world, operation);
            let mut call = world.app.get(&target).bearer(&token);
            for n in 0..70 {
                call = call.header(&format!("x-{n}"), "1");
            }
            let answer = call.send().await;
            assert_proper(&answer, Some(operation), "many headers");
            answer.problem(431, "headers_too_large");
            let answer = world.app.get(&target).bearer(&token).header("x-long", &"a".repeat(17_000)).send().await;
            answer.problem(431, "headers_too_large");
            for id in ["a b", "<script>", &"a".repeat(65), ""] {
                let answer = world.app.get(&target).bearer(&token).header("x-request-id", id).send().await;
                assert_proper(&answer, Some(operation), id);
                assert_ne!(answer.header("x-request-id"), Some(id));
            }
            for (name, value) in [("if-none-match", "\""), ("range", "bytes=0-"), ("accept", "text/html"), ("x-http-method-override", "DELETE"), ("host", "evil.example"), ("x-forwarded-for", "1.2.3.4")] {
                let answer = world.app.get(&target).bearer(&token).header(name, value).send().await;
                assert_proper(&answer, Some(operation), name);
                assert!(!answer.text().contains("evil.example"));
            }
        }
    }
}
