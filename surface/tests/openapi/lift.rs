//! What a service of poem becomes, rule by rule, looked at in the document that is served.

use habeo_surface::openapi::{Document, DocumentError, FailureShape, Lift};
use serde_json::{Value, json};

use crate::sample;

fn lifted() -> Value {
    sample::document().value().clone()
}

fn property(document: &Value, name: &str) -> Value {
    document["components"]["schemas"]["Asset"]["properties"][name].clone()
}

fn schema_reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

#[test]
fn the_root_says_3_1_and_keeps_webhooks() {
    let document = lifted();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        document["jsonSchemaDialect"],
        "https://spec.openapis.org/oas/3.1/dialect/base"
    );
    assert_eq!(document.get("servers"), None);
    let hook = &document["webhooks"]["asset.registered"]["post"];
    assert_eq!(hook["operationId"], "onAssetRegistered");
    assert_eq!(hook["security"], json!([]));
    assert_eq!(
        hook["responses"].as_object().unwrap().len(),
        1,
        "the answer to a webhook is not ours"
    );
}

#[test]
fn a_path_of_two_structs_keeps_the_operations_of_both() {
    let path = &lifted()["paths"]["/api/v1/assets"];
    assert_eq!(
        (&path["get"]["operationId"], &path["post"]["operationId"]),
        (&json!("listAssets"), &json!("createAsset"))
    );
}

#[test]
fn the_bytes_are_the_same_every_time() {
    let (one, other) = (sample::document(), sample::document());
    assert_eq!(one.json(), other.json());
    assert_eq!(one.etag(), other.etag());
    assert!(one.etag().starts_with('"') && one.etag().ends_with('"'));
}

#[test]
fn described_references_and_null_have_their_3_1_spelling() {
    let document = lifted();
    let nothing = json!({"type": "null"});
    assert_eq!(
        property(&document, "site"),
        json!({"$ref": schema_reference("Site"), "description": "Where it is kept."})
    );
    assert_eq!(
        property(&document, "origin"),
        json!({"anyOf": [{"$ref": schema_reference("Site")}, nothing], "description": "Where it is borrowed from."})
    );
    assert_eq!(
        property(&document, "serial")["type"],
        json!(["string", "null"])
    );
    assert_eq!(
        property(&document, "note")["type"],
        json!(["string", "null"])
    );
    assert_eq!(
        property(&document, "stateBefore")["anyOf"],
        json!([{"$ref": schema_reference("State")}, nothing])
    );
    let required = document["components"]["schemas"]["Asset"]["required"]
        .as_array()
        .unwrap()
        .clone();
    assert!(
        required.contains(&json!("serial")),
        "a nullable member is always there"
    );
    assert!(
        !required.contains(&json!("note")),
        "an optional member is not"
    );
}

#[test]
fn numbers_bytes_and_examples_have_their_3_1_spelling() {
    let document = lifted();
    let cost = property(&document, "costMinor");
    assert_eq!(
        (&cost["exclusiveMinimum"], cost.get("minimum")),
        (&json!(0), None)
    );
    let charge = property(&document, "charge");
    assert_eq!(
        (&charge["minimum"], &charge["maximum"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(charge.get("exclusiveMaximum"), None);
    assert_eq!(
        property(&document, "writes"),
        json!({"type": "integer", "format": "int64", "minimum": 0})
    );
    assert_eq!(
        document["components"]["schemas"]["Site"]["properties"]["rooms"]["format"],
        "int32"
    );
    assert_eq!(
        property(&document, "picture"),
        json!({"type": "string", "contentEncoding": "base64"})
    );
    assert_eq!(property(&document, "colour")["deprecated"], true);
    assert_eq!(
        property(&document, "extra")["default"],
        json!({"type": "string", "nullable": true, "example": 1})
    );
    assert_eq!(
        document["components"]["schemas"]["Asset"]["examples"][0]["id"],
        "1"
    );
    let form = &document["paths"]["/api/v1/assets/{id}/files"]["post"]["requestBody"]["content"];
    assert_eq!(
        form["multipart/form-data"]["schema"]["properties"]["file"],
        json!({"contentMediaType": "application/octet-stream"})
    );
    let picture =
        &document["paths"]["/api/v1/assets/{id}/picture"]["get"]["responses"]["200"]["content"];
    assert_eq!(
        picture,
        &json!({"application/octet-stream": {"schema": {"contentMediaType": "application/octet-stream"}}})
    );
}

#[test]
fn unions_can_be_satisfied() {
    let document = lifted();
    let schemas = &document["components"]["schemas"];
    let holder = &schemas["Holder"];
    assert_eq!(holder["oneOf"].as_array().unwrap().len(), 2);
    assert_eq!(holder["discriminator"]["propertyName"], "type");
    assert_eq!(holder.get("anyOf"), None);
    assert_eq!(
        schemas["Holder_Room"]["allOf"][0]["properties"]["type"]["enum"],
        json!(["room"])
    );
    assert_eq!(
        schemas["Reading"].get("type"),
        None,
        "a figure is no object"
    );
}

#[test]
fn parameters_and_headers_are_clean() {
    let document = lifted();
    let list = &document["paths"]["/api/v1/assets"]["get"];
    for parameter in list["parameters"].as_array().unwrap() {
        assert!(
            parameter.get("deprecated").is_none() && parameter.get("explode").is_none(),
            "{parameter}"
        );
        assert_eq!(parameter["required"], false, "{parameter}");
    }
    assert_eq!(list["parameters"][0]["schema"]["minimum"], 1);
    assert_eq!(list["parameters"][3]["name"], "If-None-Match");
    let headers = list["responses"]["200"]["headers"].as_object().unwrap();
    let names: Vec<_> = headers.keys().map(String::as_str).collect();
    let expected = [
        "ETag",
        "RateLimit",
        "RateLimit-Policy",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "X-Request-Id",
    ];
    assert_eq!(names, expected);
    let open = &document["paths"]["/api/v1/ping"]["get"]["responses"]["200"]["headers"];
    let names: Vec<_> = open.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["X-Request-Id"],
        "strangers have no rate of their own"
    );
    assert_eq!(
        headers["X-Request-Id"],
        json!({"$ref": "#/components/headers/X-Request-Id"})
    );
}

#[test]
fn failures_are_shared_and_only_where_they_can_happen() {
    let document = lifted();
    let statuses = |path: &str, method: &str| -> Vec<String> {
        document["paths"][path][method]["responses"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(
        statuses("/api/v1/ping", "get"),
        [
            "200", "400", "405", "408", "413", "414", "415", "429", "431", "500", "503"
        ]
    );
    assert_eq!(
        statuses("/api/v1/assets/{id}/files", "post"),
        [
            "200", "400", "401", "403", "404", "405", "408", "409", "413", "414", "415", "422",
            "429", "431", "500", "503"
        ]
    );
    let list = &document["paths"]["/api/v1/assets"]["get"]["responses"];
    assert_eq!(list["304"]["description"], "Not Modified");
    assert_eq!(
        list["401"],
        json!({"$ref": "#/components/responses/Unauthorized"})
    );
    let unauthorized = &document["components"]["responses"]["Unauthorized"];
    assert_eq!(
        unauthorized["content"],
        json!({"application/problem+json": {"schema": {"$ref": schema_reference("ProblemDocument")}}})
    );
    assert!(unauthorized["headers"].get("WWW-Authenticate").is_some());
    let own = &document["paths"]["/api/v1/assets/{id}"]["get"]["responses"]["404"];
    assert_eq!(
        *own,
        json!({"$ref": "#/components/responses/NotFound"}),
        "a failure that the operation names without a body has the shared one's"
    );
}

#[test]
fn security_is_said_everywhere() {
    let document = lifted();
    assert_eq!(
        document["paths"]["/api/v1/ping"]["get"]["security"],
        json!([])
    );
    assert_eq!(
        document["paths"]["/api/v1/me"]["get"]["security"],
        json!([{"Session": []}])
    );
    let flow = &document["components"]["securitySchemes"]["Install"]["flows"]["clientCredentials"];
    assert_eq!(flow["scopes"], json!({}));
}

#[test]
fn media_types_and_code_samples_have_the_names_tools_look_for() {
    let document = lifted();
    let create = &document["paths"]["/api/v1/assets"]["post"];
    assert!(
        create["requestBody"]["content"]
            .get("application/json")
            .is_some()
    );
    assert!(create.get("x-codeSamples").is_some() && create.get("x-code-samples").is_none());
}

#[test]
fn every_reference_leads_somewhere() {
    fn visit(value: &Value, document: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref") {
                    let pointer = target.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{target}");
                }
                map.values().for_each(|value| visit(value, document));
            }
            Value::Array(items) => items.iter().for_each(|value| visit(value, document)),
            _ => {}
        }
    }
    let document = lifted();
    visit(&document, &document);
}

#[test]
fn what_is_not_fit_to_publish_is_named() {
    let spec = json!({
        "openapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {"get": {"responses": {}}},
            "/b": {"get": {"operationId": "b", "summary": "B", "security": [{"S": []}], "responses": {}}},
            "/c": {"get": {"operationId": "b", "summary": "C", "security": [{"S": []}], "responses": {}}},
            "/d": {"get": {"operationId": "d", "summary": "D", "security": [{"S": []}], "responses": {}}},
        },
        "components": {"schemas": {"Error": {"type": "object"}, "A<B>": {"type": "object", "title": "A<B>"}}},
    });
    let lift = Lift {
        public: &["d", "gone"],
        failure: FailureShape::problem(),
    };
    let Err(DocumentError::Unfit(offenders)) = Document::lift(&spec.to_string(), &lift) else {
        panic!("it was lifted")
    };
    let expected = [
        "schema A<B>: the name has characters that OpenAPI does not allow",
        "schema Error: generators rename a schema of this name",
        "get /a: no operationId",
        "get /a: no summary",
        "get /a: no security scheme, and not listed as public",
        "get /c: operationId b is taken",
        "get /d: listed as public, but it has a security scheme",
        "gone: listed as public, but there is no such operation",
    ];
    assert_eq!(offenders, expected);
}
