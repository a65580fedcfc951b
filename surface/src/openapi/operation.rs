//! Lifts one operation: parameters, body, responses with their headers, media types.

use poem::http::StatusCode;
use serde_json::{Map, Value, json};

use super::schema;
use super::shared::{RESPONSES, Traits, success_headers};

/// Lifts an operation in place, without what it shares with the others.
pub(super) fn lift(operation: &mut Map<String, Value>) {
    if let Some(samples) = operation.remove("x-code-samples") {
        operation.insert("x-codeSamples".into(), samples);
    }
    for parameter in members(operation.get_mut("parameters")) {
        lift_parameter(parameter);
    }
    if let Some(body) = operation
        .get_mut("requestBody")
        .and_then(Value::as_object_mut)
    {
        lift_content(body);
    }
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for (status, response) in responses {
        if let Some(response) = response.as_object_mut() {
            lift_response(status, response);
        }
    }
}

/// Adds the failures that every operation of its traits has, and the headers of every success.
pub(super) fn share(operation: &mut Map<String, Value>) {
    let traits = Traits {
        secured: operation
            .get("security")
            .and_then(Value::as_array)
            .is_some_and(|schemes| !schemes.is_empty()),
        has_path_parameter: members_of(operation.get("parameters"))
            .any(|parameter| parameter["in"] == "path"),
        has_body: operation.contains_key("requestBody"),
        has_key: members_of(operation.get("parameters"))
            .any(|parameter| parameter["name"] == "Idempotency-Key"),
    };
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for (_, response) in responses
        .iter_mut()
        .filter(|(status, _)| status.starts_with('2'))
    {
        let Some(headers) = response
            .as_object_mut()
            .map(|response| object(response, "headers"))
        else {
            continue;
        };
        for (name, reference) in success_headers(&traits) {
            headers.insert(name.to_owned(), reference);
        }
    }
    for shared in &RESPONSES {
        let status = shared.status.as_str();
        let named = responses.get(status);
        // An operation names a failure of its own without a body: the body is the shared one's.
        let bare = named.is_some_and(|response| {
            let content = response["content"].as_object();
            content.is_none_or(Map::is_empty)
        });
        if bare || named.is_none() && (shared.applies)(&traits) {
            let reference = format!("#/components/responses/{}", shared.name);
            responses.insert(status.to_owned(), json!({"$ref": reference}));
        }
    }
}

/// The object under `key`, made if it is not there.
pub(super) fn object<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = map.entry(key).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it was made an object above")
}

fn members(array: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    array
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

fn members_of(array: Option<&Value>) -> impl Iterator<Item = &Value> {
    array.and_then(Value::as_array).into_iter().flatten()
}

fn lift_parameter(parameter: &mut Map<String, Value>) {
    drop_default_flag(parameter);
    let place = parameter
        .get("in")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    // poem writes `explode` always. Only `false` on a query says something the default does not.
    if place != "query" || parameter.get("explode") == Some(&Value::Bool(true)) {
        parameter.remove("explode");
    }
    if place == "header"
        && let Some(Value::String(name)) = parameter.get_mut("name")
    {
        *name = header_name(name);
    }
    if let Some(value) = parameter.get_mut("schema") {
        schema::lift(value);
        // poem takes an absent list for an empty one.
        if place == "query" && value["type"] == "array" {
            parameter.insert("required".into(), false.into());
        }
    }
}

fn lift_response(status: &str, response: &mut Map<String, Value>) {
    if response
        .get("description")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        response.insert("description".into(), reason(status).into());
    }
    lift_content(response);
    let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) else {
        return;
    };
    *headers = std::mem::take(headers)
        .into_iter()
        .map(|(name, mut header)| {
            if let Some(header) = header.as_object_mut() {
                drop_default_flag(header);
                header.get_mut("schema").map(schema::lift);
            }
            (header_name(&name), header)
        })
        .collect();
}

/// What a status means, for responses that their author did not describe.
fn reason(status: &str) -> &'static str {
    match status
        .parse()
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok())
    {
        Some(code) => code.canonical_reason().unwrap_or("No standard meaning"),
        None if status == "default" => "Any other answer",
        None => "Answers of this class",
    }
}

fn lift_content(holder: &mut Map<String, Value>) {
    let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else {
        return;
    };
    *content = std::mem::take(content)
        .into_iter()
        .map(|(media_type, mut body)| {
            // Generators look for the short form only. The encoding of JSON is UTF-8 in any case.
            let short = media_type
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            if let Some(value) = body.get_mut("schema") {
                if schema::is_binary(value) {
                    lift_binary_body(value, &short);
                } else {
                    schema::lift(value);
                }
            }
            (short, body)
        })
        .collect();
}

/// A body that is nothing but bytes is what its media type says.
fn lift_binary_body(body: &mut Value, media_type: &str) {
    schema::lift(body);
    body["contentMediaType"] = media_type.into();
}

/// `deprecated: false` is the default, and poem writes it everywhere.
fn drop_default_flag(map: &mut Map<String, Value>) {
    if map.get("deprecated") == Some(&Value::Bool(false)) {
        map.remove("deprecated");
    }
}

/// Restores the usual spelling of a header, because poem keeps names in capitals only. Names that have small letters were
/// spelled by their author and stay.
fn header_name(name: &str) -> String {
    const IRREGULAR: [&str; 7] = [
        "ETag",
        "WWW-Authenticate",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit-Policy",
        "RateLimit",
    ];
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    if let Some(known) = IRREGULAR
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
    {
        return known.to_owned();
    }
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{first}{}", rest.to_lowercase())
    };
    name.split('-')
        .map(capitalised)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::header_name;

    #[test]
    fn header_names_get_their_usual_spelling() {
        let cases = [
            ("ETAG", "ETag"),
            ("X-REQUEST-ID", "X-Request-Id"),
            ("X-RATELIMIT-LIMIT", "X-RateLimit-Limit"),
            ("IF-NONE-MATCH", "If-None-Match"),
            ("www-authenticate", "www-authenticate"),
        ];
        for (name, usual) in cases {
            assert_eq!(header_name(name), usual);
        }
    }
}
