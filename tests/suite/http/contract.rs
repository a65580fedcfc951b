//! The published description against what is really answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use habeo_surface::openapi::RouteTable;
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use jsonschema::Validator;
use poem::http::Method;
use serde_json::{Value, json};

use super::operations::{self, Kind, Operation, encode, resolved};
use super::world::{Seen, World};

/// Relative to this crate.
const SNAPSHOT: &str = "snapshots/openapi.json";

/// Validates answers against the document, and remembers which statuses were met.
struct Contract<'a> {
    document: &'a Value,
    validators: BTreeMap<(String, u16), Option<Validator>>,
    met: BTreeSet<(String, u16)>,
}

impl<'a> Contract<'a> {
    fn new(document: &'a Value) -> Self {
        Self {
            document,
            validators: BTreeMap::new(),
            met: BTreeSet::new(),
        }
    }

    fn response(&self, operation: &Operation, status: u16) -> &'a Value {
        let method = operation.method.as_str().to_lowercase();
        let response =
            &self.document["paths"][&operation.pattern][method]["responses"][status.to_string()];
        assert!(
            !response.is_null(),
            "{} does not declare {status}",
            operation.id
        );
        resolved(self.document, response)
    }

    /// The schema of an answer, whole: references lead into the document's components.
    fn validator(&mut self, operation: &Operation, answer: &Answer) -> Option<&Validator> {
        let status = answer.status.as_u16();
        let response = self.response(operation, status);
        let media_type = answer
            .header("content-type")
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        let schema = &response["content"][media_type]["schema"];
        assert_eq!(
            schema.is_null(),
            answer.bytes.is_empty(),
            "{} {status}: {media_type:?} is not what is documented",
            operation.id
        );
        let components = &self.document["components"];
        let key = (operation.id.clone(), status);
        let validator = self.validators.entry(key).or_insert_with(|| {
            let whole = json!({"allOf": [schema], "components": components});
            (!schema.is_null()).then(|| jsonschema::draft202012::new(&whole).expect("a schema"))
        });
        validator.as_ref()
    }

    #[track_caller]
    fn check(&mut self, operation: &Operation, answer: &Answer, what: &str) {
        let status = answer.status.as_u16();
        for (name, header) in self.response(operation, status)["headers"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let required = header["required"] == true
                || ["X-Request-Id", "Allow", "WWW-Authenticate", "Retry-After"]
                    .contains(&name.as_str());
            assert!(
                !required || answer.header(name).is_some(),
                "{} {status}: {name} is missing",
                operation.id
            );
        }
        let body = answer.json();
        let faults: Vec<String> = self
            .validator(operation, answer)
            .map(|validator| {
                validator
                    .iter_errors(&body)
                    .map(|error| format!("{error} at {}", error.instance_path()))
                    .collect()
            })
            .unwrap_or_default();
        assert!(
            faults.is_empty(),
            "{} {what}: {faults:?}\n{body}",
            operation.id
        );
        self.met.insert((operation.id.clone(), status));
    }
}

/// Every object of a schema says which members are always there.
fn optional_members(name: &str, schema: &Value) -> Vec<String> {
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let members = schema["properties"].as_object().into_iter().flatten();
    members
        .filter(|(member, _)| !required.contains(member.as_str()))
        .map(|(member, _)| format!("{name}.{member}"))
        .collect()
}

/// A body that the operation takes.
fn body_of(operation: &Operation) -> Value {
    if operation.id == "setNoticePreferences" {
        return json!({"notices": [{"sort": "due_soon", "chat": true, "push": false}]});
    }
    json!({"token": "ExponentPushToken[walk]", "platform": "ios", "deviceName": "x"})
}

both_engines! {
    /// A broad walk: every answer is in the form that is documented for its status, and every documented success is met.
    async fn every_answer_is_as_documented(db: TestDb) {
        let world = World::over(&db).await;
        let document = world.app.document().clone();
        let mut contract = Contract::new(&document);
        let admin = world.ours.caller("org_admin");
        let token = world.app.token(admin);
        let mut known = Seen::by(&world, admin).await;
        known.names.entry(Kind::Tag).or_default().extend(["nothing", "WMK-000001-?", "SNwestmarkphysics1"].map(ToOwned::to_owned));
        for operation in &world.operations {
            let mut targets = Vec::new();
            if operation.path.is_empty() {
                targets.push(operation.pattern.clone());
            }
            for parameter in &operation.path {
                let mut values = known.values(parameter.kind);
                values.extend([uuid::Uuid::nil().to_string(), "x".to_owned()]);
                targets.extend(values.iter().map(|value| operation.path_with(|_| value.clone())));
            }
            for parameter in &operation.query {
                let mut values = known.values(parameter.kind);
                values.extend(parameter.words.iter().cloned());
                values.extend(["2026-03-02T09:00:00Z", "1", "x", ""].map(ToOwned::to_owned));
                let path = targets[0].clone();
                targets.extend(values.iter().map(|value| format!("{path}?{}={}", parameter.name, encode(value))));
            }
            for target in targets {
                let mut call = world.app.request(operation.method.clone(), &target).bearer(&token);
                if operation.takes_body {
                    call = call.json(&body_of(operation));
                }
                let answer = call.send().await;
                if operation.takes_body && answer.status == 200 {
                    let id = answer.json()["data"]["id"].as_str().map(ToOwned::to_owned);
                    known.names.entry(Kind::Push).or_default().extend(id);
                }
                contract.check(operation, &answer, &target);
            }
            let refused = world.app.request(operation.method.clone(), &operation.path_with(|_| "x".to_owned())).send().await;
            contract.check(operation, &refused, "without a token");
        }
        // Phones are removed before they are registered, in the order of the document.
        let remove = world.operations.iter().find(|operation| operation.id == "unregisterPush").expect("phones can be removed");
        for id in known.values(Kind::Push) {
            let answer = world.app.delete(&remove.path_with(|_| id.clone())).bearer(&token).send().await;
            contract.check(remove, &answer, &id);
        }
        for operation in &world.operations {
            for status in &operation.own_statuses {
                let revalidated = *status == 304;
                assert!(revalidated || contract.met.contains(&(operation.id.clone(), *status)), "{} never answered {status}", operation.id);
            }
        }
    }

    /// What a scan is refused with is documented for it.
    async fn every_answer_to_a_scan_is_as_documented(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.root, &[(habeo_core::access::Role::OrgAdmin, college.units.root)]).await;
        for maker in [college.catalogue.lumina, college.catalogue.orbis] {
            college.asset("Lens").serial("TWIN1").maker(maker).register().await;
        }
        let operations = operations::all(app.document());
        let scan = operations.iter().find(|operation| operation.id == "scanTag").expect("scans");
        let document = app.document().clone();
        let mut contract = Contract::new(&document);
        for (code, status) in [("TWIN1", 409), ("WMK-004217-0", 422), ("none", 404)] {
            let answer = app.get(&scan.path_with(|_| code.to_owned())).by(&member).send().await;
            assert_eq!(answer.status, status, "{code}: {}", answer.text());
            contract.check(scan, &answer, code);
        }
    }

    /// Operations and routes are the same, in both directions, and each has its name.
    async fn operations_and_routes_are_the_same(db: TestDb) {
        let app = TestApp::over(&db).await;
        let document = app.document();
        let operations = operations::all(document);
        let ids: BTreeSet<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
        assert_eq!(ids.len(), operations.len());
        for operation in &operations {
            let path = operation.path_with(|_| uuid::Uuid::nil().to_string());
            let answer = app.request(operation.method.clone(), &path).send().await;
            assert!([401, 415].contains(&answer.status.as_u16()), "{}: {}", operation.id, answer.text());
        }
        let table = RouteTable::of(&app.app.document);
        let routed: BTreeSet<(String, String)> = table.operations().map(|(pattern, method, _)| (pattern.to_owned(), method.to_owned())).collect();
        let documented: BTreeSet<(String, String)> = operations.iter().map(|operation| (operation.pattern.clone(), operation.method.to_string())).collect();
        assert_eq!(routed, documented);
        // The framework routes nothing that the document does not have: every other method of a path is refused.
        for (pattern, _) in &documented {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                if documented.contains(&(pattern.clone(), method.to_string())) {
                    continue;
                }
                let path = operations.iter().find(|operation| operation.pattern == *pattern).expect("an operation").path_with(|_| uuid::Uuid::nil().to_string());
                let answer = app.request(method.clone(), &path).send().await;
                assert_eq!(answer.status, 405, "{method} {path}");
            }
        }
    }

    /// The document is the one that was last agreed upon.
    async fn the_description_changes_on_purpose_only(db: TestDb) {
        let app = TestApp::over(&db).await;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
        let agreed: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a snapshot")).expect("JSON");
        assert!(
            agreed == *app.document(),
            "the description has changed; if that is meant: cargo run -p habeo-server -- openapi > tests/{SNAPSHOT}"
        );
        let answered = ["AssetView", "PersonView", "SiteView", "MeView", "HistoryEntry", "UnitView"];
        let schemas = agreed["components"]["schemas"].as_object().expect("schemas");
        let optional: Vec<String> = answered.iter().flat_map(|name| optional_members(name, &schemas[*name])).collect();
        assert!(optional.is_empty(), "every member is always there: {optional:?}");
    }
}
