//! What is refused at `/oauth/*`: a table of requests that differ from a good one in one thing.

use habeo_core::app_client::command::SetStatus;
use habeo_core::app_client::{self, Proof};
use habeo_core::id::AppClientId;
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::College;
use habeo_tests::market::{CHALLENGE, Client, REDIRECT, Tokens, VERIFIER, admin, post, query};
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

/// Parameters by name.
type Pairs<'a> = &'a [(&'a str, &'a str)];

/// Requests to `/oauth/authorize` that lead nowhere: what differs from a good one.
const PAGES: [(&str, Pairs<'static>); 17] = [
    ("no client", &[("client_id", "")]),
    ("junk for a client", &[("client_id", "junk")]),
    (
        "a client that is not known",
        &[("client_id", "01932c5e-7b1a-7c3d-8e4f-000000000001")],
    ),
    (
        "a client in braces",
        &[("client_id", "{01932c5e-7b1a-7c3d-8e4f-000000000001}")],
    ),
    ("no redirect", &[("redirect_uri", "")]),
    (
        "another host",
        &[("redirect_uri", "https://evil.example/callback?tenant=1")],
    ),
    (
        "another scheme",
        &[("redirect_uri", "http://app.example/callback?tenant=1")],
    ),
    (
        "another port",
        &[("redirect_uri", "https://app.example:8443/callback?tenant=1")],
    ),
    (
        "the default port",
        &[("redirect_uri", "https://app.example:443/callback?tenant=1")],
    ),
    (
        "a slash more",
        &[("redirect_uri", "https://app.example/callback/?tenant=1")],
    ),
    (
        "another case",
        &[("redirect_uri", "https://APP.example/callback?tenant=1")],
    ),
    (
        "a parameter less",
        &[("redirect_uri", "https://app.example/callback")],
    ),
    (
        "a parameter more",
        &[("redirect_uri", "https://app.example/callback?tenant=1&x=2")],
    ),
    (
        "a fragment",
        &[("redirect_uri", "https://app.example/callback?tenant=1#x")],
    ),
    (
        "a host below",
        &[(
            "redirect_uri",
            "https://app.example.evil.example/callback?tenant=1",
        )],
    ),
    (
        "a way up",
        &[("redirect_uri", "https://app.example/x/../callback?tenant=1")],
    ),
    (
        "a user",
        &[(
            "redirect_uri",
            "https://app.example@evil.example/callback?tenant=1",
        )],
    ),
];

/// Requests of which the app is told what is wrong.
const REDIRECTS: [(&str, Pairs<'static>, &str); 20] = [
    (
        "no response type",
        &[("response_type", "")],
        "invalid_request",
    ),
    (
        "a token at once",
        &[("response_type", "token")],
        "unsupported_response_type",
    ),
    (
        "both",
        &[("response_type", "code token")],
        "unsupported_response_type",
    ),
    (
        "an id token",
        &[("response_type", "id_token")],
        "unsupported_response_type",
    ),
    (
        "a fragment for an answer",
        &[("response_mode", "fragment")],
        "invalid_request",
    ),
    (
        "a form for an answer",
        &[("response_mode", "form_post")],
        "invalid_request",
    ),
    (
        "a request object",
        &[("request", "eyJhbGciOiJub25lIn0.e30.")],
        "invalid_request",
    ),
    (
        "a request elsewhere",
        &[("request_uri", "https://evil.example/r")],
        "invalid_request",
    ),
    ("no challenge", &[("code_challenge", "")], "invalid_request"),
    (
        "no method",
        &[("code_challenge_method", "")],
        "invalid_request",
    ),
    (
        "a plain challenge",
        &[("code_challenge_method", "plain")],
        "invalid_request",
    ),
    (
        "another case of the method",
        &[("code_challenge_method", "s256")],
        "invalid_request",
    ),
    (
        "a short challenge",
        &[(
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
        )],
        "invalid_request",
    ),
    (
        "a long challenge",
        &[(
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMA",
        )],
        "invalid_request",
    ),
    (
        "a padded challenge",
        &[(
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
        )],
        "invalid_request",
    ),
    (
        "a challenge of other signs",
        &[(
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
        )],
        "invalid_request",
    ),
    (
        "a scope that is none",
        &[("scope", "everything")],
        "invalid_scope",
    ),
    (
        "a scope that was not registered",
        &[("scope", "webhooks:write")],
        "invalid_scope",
    ),
    (
        "a scope twice",
        &[("scope", "assets:read assets:read")],
        "invalid_scope",
    ),
    (
        "scopes with a comma",
        &[("scope", "assets:read,people:read")],
        "invalid_scope",
    ),
];

/// Exchanges of a good code that are refused and leave it good: what differs, and the answer.
const EXCHANGES: [(&str, Pairs<'static>, u16, &str); 18] = [
    (
        "no grant type",
        &[("grant_type", "")],
        400,
        "invalid_request",
    ),
    (
        "a password",
        &[("grant_type", "password")],
        400,
        "unsupported_grant_type",
    ),
    (
        "the client's own",
        &[("grant_type", "client_credentials")],
        400,
        "unsupported_grant_type",
    ),
    (
        "another case",
        &[("grant_type", "Authorization_Code")],
        400,
        "unsupported_grant_type",
    ),
    ("no code", &[("code", "")], 400, "invalid_request"),
    ("junk for a code", &[("code", "junk")], 400, "invalid_grant"),
    (
        "a forged code",
        &[(
            "code",
            "hbo_ac_0000000000000000000000000000000000000000000000000",
        )],
        400,
        "invalid_grant",
    ),
    (
        "no redirect",
        &[("redirect_uri", "")],
        400,
        "invalid_request",
    ),
    (
        "another of its redirects",
        &[("redirect_uri", "https://app.example/other")],
        400,
        "invalid_grant",
    ),
    (
        "a redirect with a slash more",
        &[("redirect_uri", "https://app.example/callback/?tenant=1")],
        400,
        "invalid_grant",
    ),
    (
        "no verifier",
        &[("code_verifier", "")],
        400,
        "invalid_request",
    ),
    (
        "a short verifier",
        &[(
            "code_verifier",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX",
        )],
        400,
        "invalid_request",
    ),
    (
        "another verifier",
        &[(
            "code_verifier",
            "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        )],
        400,
        "invalid_grant",
    ),
    (
        "the challenge for a verifier",
        &[("code_verifier", CHALLENGE)],
        400,
        "invalid_grant",
    ),
    (
        "a verifier of other signs",
        &[(
            "code_verifier",
            "dBjftJeZ4CVP+mB92K27uhbUJU1p1r/wW1gFWFOEjXk",
        )],
        400,
        "invalid_request",
    ),
    (
        "the code as a refresh token",
        &[("grant_type", "refresh_token")],
        400,
        "invalid_request",
    ),
    (
        "a secret in the body",
        &[("client_secret", "hbo_cs_x")],
        401,
        "invalid_client",
    ),
    (
        "an assertion",
        &[("client_assertion", "x.y.z")],
        401,
        "invalid_client",
    ),
];

fn replaced<'a>(
    usual: &[(&'a str, &'a str)],
    other: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = usual
        .iter()
        .filter(|(name, _)| other.iter().all(|(known, _)| known != name));
    let said = other.iter().filter(|(_, value)| !value.is_empty());
    kept.chain(said).copied().collect()
}

/// Registered for two scopes, so that there is more to ask for.
async fn modest(college: &College, proof: Proof) -> Client {
    let new = habeo_tests::market::registration("Modest", proof, "assets:read people:read");
    Client::register(college, new).await
}

const MODEST: (&str, &str) = ("scope", "assets:read people:read");

/// Where the link of a page leads by which the app is told what is wrong.
fn way_back(answer: &Answer) -> String {
    let page = answer.text();
    let behind = page.split_once("href=\"https://app.example/");
    let link = behind.and_then(|(_, behind)| behind.split_once('"'));
    let rest = link.map(|(link, _)| link).unwrap_or_default();
    format!(
        "https://app.example/{}",
        rest.replace("&#38;", "&").replace("&amp;", "&")
    )
}

both_engines! {
    /// As long as it is not certain who asks and where they are answered there is a page, and nobody is led anywhere.
    async fn unknown_links_lead_nowhere(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = modest(&college, Proof::Public).await;
        for (what, other) in PAGES {
            let answer = app.get(&client.authorize(other)).send().await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}: {}", answer.text());
            assert_eq!(answer.header("location"), None, "{what}");
            assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{what}");
            assert!(!answer.text().contains("evil.example"), "{what}");
        }
        for doubled in [format!("&client_id={}", client.id), "&redirect_uri=https://evil.example/".to_owned()] {
            let answer = app.get(&format!("{}{doubled}", client.authorize(&[]))).send().await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, None), "{doubled}");
        }
        let stopped = SetStatus { client: client.id, status: app_client::Status::Disabled };
        must(db.ledger.record(&college.access, stopped).await);
        let answer = app.get(&client.authorize(&[MODEST])).send().await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "a client that was stopped");
    }

    /// Everything else is told to the app, with its state and our name.
    async fn apps_are_told_what_is_wrong(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = modest(&college, Proof::Public).await;
        let issuer = app.get("/.well-known/oauth-authorization-server").send().await.ok()["issuer"].clone();
        let long = "x".repeat(513);
        let too_long: [(&str, Pairs<'_>, &str); 1] = [("a long state", &[("state", &long)], "invalid_request")];
        for (what, other, error) in REDIRECTS.into_iter().chain(too_long) {
            let mut parameters = other.to_vec();
            if other.iter().all(|(name, _)| *name != "scope") {
                parameters.push(MODEST);
            }
            let answer = app.get(&client.authorize(&parameters)).send().await;
            // Nobody is led to an address of somebody's choosing before they have signed in.
            assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, None), "{what}: {}", answer.text());
            let led = &way_back(&answer);
            assert!(led.starts_with("https://app.example/callback?tenant=1&error="), "{what}: {led}");
            assert_eq!(query(led, "error").as_deref(), Some(error), "{what}");
            assert!(query(led, "error_description").is_some(), "{what}");
            let state = if what == "a long state" { long.as_str() } else { "a b&c" };
            assert_eq!(query(led, "state").as_deref(), Some(state), "{what}");
            assert_eq!(query(led, "iss").as_deref(), issuer.as_str(), "{what}");
            assert_eq!(query(led, "code"), None, "{what}");
        }
        for doubled in ["&state=x", "&scope=assets:read", "&code_challenge=x", "&response_type=code", "&unknown=1&unknown=2"] {
            let answer = app.get(&format!("{}{doubled}", client.authorize(&[MODEST]))).send().await;
            let led = &way_back(&answer);
            assert_eq!(query(led, "error").as_deref(), Some("invalid_request"), "{doubled}");
        }
    }

    /// What does not fit a code is refused and leaves it as it is.
    async fn exchanges_that_do_not_fit_are_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = modest(&college, Proof::Confidential).await;
        let stranger = modest(&college, Proof::Confidential).await;
        let public = modest(&college, Proof::Public).await;
        let mut tab = Tab::of(&app, &member).await;
        let code = client.consent(&mut tab, college.units.root, &[MODEST]).await;
        let usual = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)];
        for (what, other, status, error) in EXCHANGES {
            // A node that counts anew.
            let node = TestApp::over(&db).await;
            let answer = client.send(&node, "/oauth/token", &replaced(&usual, other)).await;
            let found = (answer.status.as_u16(), answer.error());
            assert_eq!(found, (status, error.to_owned()), "{what}: {}", answer.text());
            let body = answer.json();
            assert!(body["error_description"].is_string() && body["error_description"] == body["message"], "{what}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
            assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{what}");
        }
        let node = TestApp::over(&db).await;
        for name in ["grant_type", "code", "redirect_uri", "code_verifier"] {
            let mut doubled = usual.to_vec();
            doubled.push((name, "x"));
            assert_eq!(client.send(&node, "/oauth/token", &doubled).await.error(), "invalid_request", "{name} twice");
        }
        assert_eq!(stranger.send(&node, "/oauth/token", &usual).await.error(), "invalid_grant", "another client");
        assert_eq!(public.send(&node, "/oauth/token", &usual).await.error(), "invalid_grant", "another client");
        let _ = Tokens::of(&client.send(&node, "/oauth/token", &usual).await);
    }

    /// Codes are good for sixty seconds.
    async fn codes_expire(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let code = client.consent(&mut tab, college.units.root, &[]).await;
        app.wait_seconds(60);
        assert_eq!(client.exchange(&app, &code).await.error(), "invalid_grant");
        let code = client.consent(&mut tab, college.units.root, &[]).await;
        app.wait_seconds(59);
        let _ = Tokens::of(&client.exchange(&app, &code).await);
    }

    /// Whoever does not prove which client they are gets nothing, and one answer.
    async fn clients_prove_themselves(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let other = Client::of(&college, Proof::Confidential).await;
        let public = Client::of(&college, Proof::Public).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let id = client.id.to_string();
        let public_id = public.id.to_string();
        let secret = client.secret.clone().unwrap_or_default();
        let others = other.secret.clone().unwrap_or_default();
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
        let named = [refresh[0], refresh[1], ("client_id", id.as_str())];
        let as_public = [refresh[0], refresh[1], ("client_id", public_id.as_str())];
        let swapped = secret.replacen("hbo_cs_", "hbo_at_", 1);
        let cases: [(&str, Pairs<'_>, Option<String>, &str); 12] = [
            ("nobody", &refresh, None, "invalid_client"),
            ("only by name", &named, None, "invalid_client"),
            ("with an empty secret", &refresh, Some(client.basic_with("")), "invalid_client"),
            ("with junk", &refresh, Some(client.basic_with("junk")), "invalid_client"),
            ("with another's secret", &refresh, Some(client.basic_with(&others)), "invalid_client"),
            ("with another sort of token", &refresh, Some(client.basic_with(&swapped)), "invalid_client"),
            ("with a token of requests", &refresh, Some(client.basic_with(&tokens.access)), "invalid_client"),
            ("as a bearer", &refresh, Some(format!("Bearer {}", tokens.access)), "invalid_client"),
            ("unreadably", &refresh, Some("Basic %%%".to_owned()), "invalid_client"),
            ("without a colon", &refresh, Some("Basic YQ==".to_owned()), "invalid_client"),
            ("as two", &as_public, Some(client.basic()), "invalid_request"),
            ("a public one with a secret", &refresh, Some(public.basic_with(&secret)), "invalid_client"),
        ];
        for (what, fields, authorization, error) in cases {
            let node = TestApp::over(&db).await;
            let answer = post(&node, "/oauth/token", fields, authorization.as_deref()).await;
            assert_eq!(answer.error(), error, "{what}: {}", answer.text());
            if error == "invalid_client" {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
                assert!(answer.header("www-authenticate").is_some_and(|scheme| scheme.starts_with("Basic")), "{what}");
            }
            for path in ["/oauth/revoke", "/oauth/introspect"] {
                let mut fields = fields.to_vec();
                fields.push(("token", &tokens.access));
                let answer = post(&node, path, &fields, authorization.as_deref()).await;
                assert_eq!(answer.error(), error, "{path} {what}");
            }
        }
        let stopped = SetStatus { client: client.id, status: app_client::Status::Disabled };
        must(db.ledger.record(&college.access, stopped).await);
        assert_eq!(client.refresh(&app, &tokens.refresh).await.error(), "invalid_client");
        let answer = app.get("/public/v1/health").bearer(&tokens.access).send().await;
        assert_eq!(answer.error(), "install_suspended");
    }

    /// Refresh tokens of others, of other sorts and forged ones are refused, and harm nobody.
    async fn foreign_tokens_are_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let stranger = Client::of(&college, Proof::Public).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let forged = tokens.refresh.replacen("hbo_rt_", "hbo_at_", 1);
        for (by, token) in [
            (&stranger, &tokens.refresh),
            (&client, &tokens.access),
            (&client, &forged),
            (&client, &tokens.refresh[..55].to_owned()),
            (&client, &format!("{} ", tokens.refresh)),
            (&client, &tokens.refresh.to_uppercase()),
        ] {
            assert_eq!(by.refresh(&app, token).await.error(), "invalid_grant", "{token}");
        }
        let _ = Tokens::of(&client.refresh(&app, &tokens.refresh).await);
    }

    /// Bodies of another kind, unreadable or too large, and other methods.
    async fn bodies_are_forms(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = Client::of(&college, Proof::Confidential).await;
        for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
            for (kind, body) in [
                (Some("application/json"), "{\"grant_type\":\"refresh_token\"}".to_owned()),
                (Some("text/plain"), "grant_type=refresh_token".to_owned()),
                (Some("multipart/form-data; boundary=x"), "--x--".to_owned()),
                (None, "grant_type=refresh_token".to_owned()),
                (Some("application/x-www-form-urlencoded"), String::new()),
            ] {
                let mut call = app.post(path).header("authorization", &client.basic()).body(body);
                if let Some(kind) = kind {
                    call = call.header("content-type", kind);
                }
                let answer = call.send().await;
                assert_eq!((answer.status, answer.error()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()), "{path} {kind:?}");
            }
            let large = format!("grant_type={}", "x".repeat(16 * 1_024));
            let call = app.post(path).header("content-type", "application/x-www-form-urlencoded").body(large);
            let answer = call.send().await;
            assert_eq!((answer.status, answer.error()), (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request".to_owned()));
            let answer = app.get(path).send().await;
            assert_eq!((answer.status, answer.error()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".to_owned()));
            assert!(answer.json()["message"].is_string());
        }
    }

    /// A client that has proved itself has not failed, whatever is denied to it: forty tokens that somebody else's app had denied in one organization,
    /// as many at the same time as it likes, keep none from being issued in another.
    async fn denials_of_one_organization_are_its_own(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (member, stranger) = (admin(&college).await, admin(&other).await);
        let client = Client::of(&college, Proof::Confidential).await;
        let mine = client.install(&app, &member, college.units.root).await;
        let theirs = client.install(&app, &stranger, other.units.root).await;
        let spent = Tokens::of(&client.refresh(&app, &theirs.refresh).await);
        let _ = Tokens::of(&client.refresh(&app, &spent.refresh).await);
        let asked = (0..40).map(|_| client.refresh(&app, &theirs.refresh));
        let errors: Vec<String> = futures_util::future::join_all(asked).await.iter().map(Answer::error).collect();
        assert!(errors.iter().all(|error| error == "invalid_grant" || error == "rate_limited"), "{errors:?}");
        assert_eq!(client.refresh(&app, &theirs.refresh).await.error(), "rate_limited");
        for _ in 0..12 {
            assert_eq!(client.refresh(&app, "hbo_rt_junk").await.error(), "invalid_grant");
        }
        let mine = Tokens::of(&client.refresh(&app, &mine.refresh).await);
        assert_eq!(app.get("/public/v1/health").bearer(&mine.access).send().await.status, StatusCode::OK);
    }

    /// Many requests that are on their way at once are no failures.
    async fn what_is_under_way_is_no_failure(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let fields = [("token", tokens.access.as_str())];
        let asked = (0..30).map(|_| client.send(&app, "/oauth/introspect", &fields));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.ok()["active"], true);
        }
    }

    /// Whoever fails under a new name each time is counted by address, and keeps no client there from its own.
    async fn made_up_names_are_counted_by_address(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let mut answers = Vec::new();
        for n in 0..31 {
            let id = if n % 2 == 0 { format!("made up {n}") } else { format!("01932c5e-7b1a-7c3d-8e4f-{n:012}") };
            let fields = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", id.as_str())];
            answers.push(post(&app, "/oauth/token", &fields, None).await.error());
        }
        assert!(answers[..30].iter().all(|error| error == "invalid_client"), "{answers:?}");
        assert_eq!(answers[30], "rate_limited");
        let _ = Tokens::of(&client.refresh(&app, &tokens.refresh).await);
    }

    /// However its name is written, a client is the same.
    async fn a_name_is_counted_however_it_is_written(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let plain = client.id.to_string();
        let mut answers = Vec::new();
        for n in 0..11 {
            let id = if n % 2 == 0 { plain.clone() } else { plain.to_uppercase() };
            let fields = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", id.as_str())];
            answers.push(post(&app, "/oauth/token", &fields, None).await.error());
        }
        assert!(answers[..10].iter().all(|error| error == "invalid_client"), "{answers:?}");
        let two_spellings = plain.to_uppercase().parse::<AppClientId>() == Ok(client.id);
        assert_eq!(answers[10] == "rate_limited", two_spellings, "{answers:?}");
    }

    /// Parameters are few.
    async fn parameters_are_few(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let names: Vec<String> = (0..32).map(|n| format!("x{n}")).collect();
        let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let answer = client.send(&app, "/oauth/introspect", &fields).await;
        assert!(answer.text().contains("token is missing"), "{}", answer.text());
        fields.push(("token", "x"));
        let answer = client.send(&app, "/oauth/introspect", &fields).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()));
        assert!(answer.text().contains("32 parameters"), "{}", answer.text());
    }

    /// Ten failures in a minute from one address, and the client has to wait; others do not.
    async fn failures_are_counted(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let other = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let others = other.install(&app, &member, college.units.root).await;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", "junk")];
        for _ in 0..10 {
            let answer = post(&app, "/oauth/token", &fields, Some(&client.basic_with("junk"))).await;
            assert_eq!(answer.error(), "invalid_client");
        }
        let answer = client.refresh(&app, &tokens.refresh).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
        assert!(answer.header("retry-after").is_some());
        let _ = Tokens::of(&other.refresh(&app, &others.refresh).await);
        app.wait_seconds(60);
        let mut refresh = tokens.refresh;
        for _ in 0..20 {
            refresh = Tokens::of(&client.refresh(&app, &refresh).await).refresh;
        }
    }
}
