//! The description of `/public/v1`: agreed upon, whole, and true of what is answered.

use std::path::Path;

use habeo_core::app_client::Proof;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::market::{Client, admin};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

/// Relative to this crate.
const SNAPSHOT: &str = "snapshots/public-openapi.json";

both_engines! {
    /// The document is the one that was last agreed upon, and is served.
    async fn the_description_changes_on_purpose_only(db: TestDb) {
        let app = TestApp::over(&db).await;
        let served = app.get("/public/v1/openapi.json").send().await.ok();
        assert_eq!(&served, app.app.public_document.value());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
        let agreed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap_or_default()).unwrap_or_default();
        if agreed != served {
            let present = Path::new(env!("CARGO_TARGET_TMPDIR")).join("public-openapi.json");
            must(std::fs::write(&present, must(serde_json::to_string_pretty(&served))));
            panic!("the description has changed; if that is meant, {} becomes tests/{SNAPSHOT}", present.display());
        }
    }

    /// Its operations are those of the contract and the additive ones, each with its security.
    async fn it_lists_the_contract(db: TestDb) {
        let app = TestApp::over(&db).await;
        let document = app.app.public_document.value();
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                assert_eq!(operation["security"], json!([{"installToken": []}]), "{path}");
                operations.push(format!("{} {path}", method.to_uppercase()));
            }
        }
        operations.sort();
        let tenant = "/public/v1/orgs/{org_id}/entities/{entity_id}";
        let mut expected = vec!["GET /public/v1/health".to_owned(), "GET /public/v1/me".to_owned()];
        expected.extend(["assets", "people", "sites", "tickets", "webhooks"].map(|list| format!("GET {tenant}/{list}")));
        expected.push(format!("POST {tenant}/webhooks"));
        expected.push(format!("DELETE {tenant}/webhooks/{{id}}"));
        expected.sort();
        assert_eq!(operations, expected);
    }

    /// Every answer has the schema that is written for it.
    async fn answers_are_as_described(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        college.asset("Camera").serial("SN-1").at(college.places.workshop).register().await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let document = app.app.public_document.value().clone();
        let tenant = "/public/v1/orgs/{org_id}/entities/{entity_id}";
        let cases = [
            ("/public/v1/health".to_owned(), "/public/v1/health".to_owned()),
            ("/public/v1/me".to_owned(), "/public/v1/me".to_owned()),
            (format!("{tenant}/assets"), tokens.path("assets")),
            (format!("{tenant}/people"), tokens.path("people")),
            (format!("{tenant}/sites"), tokens.path("sites")),
            (format!("{tenant}/tickets"), tokens.path("tickets")),
            (format!("{tenant}/webhooks"), tokens.path("webhooks")),
        ];
        for (pattern, path) in cases {
            let answer = app.get(&path).bearer(&tokens.access).send().await.ok();
            let schema = &document["paths"][&pattern]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
            assert!(!schema.is_null(), "{pattern}");
            let mut whole = document.clone();
            whole["$ref"] = schema["$ref"].clone();
            let validator = jsonschema::validator_for(&whole).expect("a schema");
            let faults: Vec<String> = validator.iter_errors(&answer).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{pattern}: {faults:?}");
        }
        let refused = app.get("/public/v1/me").send().await.json();
        let mut whole = document.clone();
        whole["$ref"] = "#/components/schemas/Failure".into();
        let validator = jsonschema::validator_for(&whole).expect("a schema");
        assert!(validator.is_valid(&refused), "{refused}");
    }

    /// What this server can do is written where programs look for it (RFC 8414, RFC 9728).
    async fn metadata_is_published(db: TestDb) {
        let app = TestApp::over(&db).await;
        let server = app.get("/.well-known/oauth-authorization-server").send().await.ok();
        let issuer = server["issuer"].as_str().unwrap_or_default();
        assert!(!issuer.is_empty() && !issuer.ends_with('/'), "{issuer}");
        for (name, path) in [
            ("authorization_endpoint", "/oauth/authorize"),
            ("token_endpoint", "/oauth/token"),
            ("revocation_endpoint", "/oauth/revoke"),
            ("introspection_endpoint", "/oauth/introspect"),
        ] {
            assert_eq!(server[name], format!("{issuer}{path}"), "{name}");
        }
        assert_eq!(server["response_types_supported"], json!(["code"]));
        assert_eq!(server["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
        assert_eq!(server["token_endpoint_auth_methods_supported"], json!(["client_secret_basic", "none"]));
        assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(server["authorization_response_iss_parameter_supported"], true);
        let resource = app.get("/.well-known/oauth-protected-resource/public/v1").send().await.ok();
        assert_eq!(resource["resource"], format!("{issuer}/public/v1"));
        assert_eq!(resource["authorization_servers"], json!([issuer]));
        assert_eq!(resource["scopes_supported"], server["scopes_supported"]);
        assert_eq!(resource["bearer_methods_supported"], json!(["header"]));
    }
}
