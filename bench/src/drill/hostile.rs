//! Requests that mean no good, made from dice: bytes that are none, and well-formed ones over every operation of the description.

use serde_json::Value;

use crate::plan::Dice;

/// Texts that have broken somebody's parser, encoder or database.
const TEXTS: [&str; 32] = [
    "",
    "\0",
    "a\0b",
    "'",
    "\"",
    "' OR 1=1 --",
    "%",
    "_%",
    "\\",
    "*",
    "NEAR(a b)",
    "a:*",
    "a & | !",
    "{}",
    "[]",
    "null",
    "NaN",
    "-1",
    "99999999999999999999",
    "1e999",
    "0x10",
    "00000000-0000-0000-0000-000000000000",
    "../../../etc/passwd",
    "..",
    "\r\nX-Evil: 1",
    "\u{202e}abc",
    "\u{feff}",
    "😀",
    "e\u{301}\u{301}\u{301}",
    "9999-12-31T23:59:59Z",
    "in_use,retired",
    "https://evil.example/%00",
];
const METHODS: [&str; 12] = [
    "GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
    "BREW",
];
const HEADERS: [&str; 22] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Connection",
    "Content-Encoding",
    "Content-Type",
    "Cookie",
    "Expect",
    "Forwarded",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Origin",
    "Range",
    "TE",
    "Upgrade",
    "X-Forwarded-For",
    "X-HTTP-Method-Override",
    "X-Request-Id",
    "Access-Control-Request-Method",
    "X-Anything",
];
/// Pieces of heads and bodies, in every order.
const PIECES: [&str; 30] = [
    "GET / HTTP/1.1\r\n",
    "POST /api/v1/push/register HTTP/1.1\r\n",
    "GET /api/v1/assets?limit=1 HTTP/1.1\r\n",
    "GET http://evil.example/ HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "CONNECT a:1 HTTP/1.1\r\n",
    "GET / HTTP/1.0\r\n",
    "GET / HTTP/9.9\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "Host: a\r\n",
    "Host: b\r\n",
    "Host:\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding:\x0bchunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: upgrade\r\nUpgrade: h2c\r\n",
    " folded\r\n",
    "X\r\n",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "0\r\n\r\n",
    "hello",
];

/// An operation of the description.
#[derive(Debug, Clone)]
pub struct Operation {
    path: String,
    parameters: Vec<String>,
}

/// The operations of a description.
pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, methods)| {
        methods
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, operation)| Operation {
                path: path.clone(),
                parameters: operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str())
                    .map(ToOwned::to_owned)
                    .collect(),
            })
    });
    each.collect()
}

fn one<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    let at = dice.below(u32::try_from(of.len()).unwrap_or(1));
    of[usize::try_from(at).unwrap_or_default()]
}

fn byte(dice: &mut Dice) -> u8 {
    u8::try_from(dice.below(256)).unwrap_or_default()
}

/// Bytes that are most likely no request.
pub fn raw(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = match dice.below(4) {
        0 => (0..dice.below(600)).map(|_| byte(dice)).collect(),
        1 => {
            let unit = one(dice, &["a", "X: 1\r\n", "\r\n", "/", "%00", ";"]);
            let many = usize::try_from(dice.below(6_000)).unwrap_or_default();
            format!(
                "GET /{} HTTP/1.1\r\nHost: a\r\n{}\r\n",
                unit.repeat(many),
                unit.repeat(many / 8)
            )
            .into_bytes()
        }
        _ => {
            let pieces = 1 + dice.below(9);
            (0..pieces)
                .flat_map(|_| one(dice, &PIECES).bytes().collect::<Vec<_>>())
                .collect::<Vec<u8>>()
        }
    };
    // Then some of it is changed, doubled, or missing.
    for _ in 0..dice.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = usize::try_from(dice.below(u32::try_from(bytes.len()).unwrap_or(1)))
            .unwrap_or_default();
        match dice.below(4) {
            0 => bytes[at] = byte(dice),
            1 => bytes.insert(at, byte(dice)),
            2 => bytes.truncate(at),
            _ => bytes.extend_from_within(at..),
        }
    }
    bytes
}

/// A request that is one, and the last of its connection.
pub fn well_formed(dice: &mut Dice, operations: &[Operation], token: &str) -> Vec<u8> {
    let at = dice.below(u32::try_from(operations.len()).unwrap_or(1));
    let operation = &operations[usize::try_from(at).unwrap_or_default()];
    let method = one(dice, &METHODS);
    let mut request = format!(
        "{method} {} HTTP/1.1\r\nHost: drill\r\nConnection: close\r\n",
        target(dice, operation)
    )
    .into_bytes();
    if dice.below(4) > 0 {
        request.extend(format!("Authorization: Bearer {token}\r\n").bytes());
    }
    for _ in 0..dice.below(5) {
        let name = one(dice, &HEADERS);
        let value: Vec<u8> = match dice.below(3) {
            0 => one(dice, &TEXTS).bytes().collect(),
            1 => (0..dice.below(80)).map(|_| byte(dice)).collect(),
            _ => one(
                dice,
                &[
                    "gzip",
                    "identity",
                    "*",
                    "application/json",
                    "close",
                    "100-continue",
                    "\"x\"",
                    "W/\"x\", *",
                    "1",
                    "GET",
                ],
            )
            .bytes()
            .collect(),
        };
        request.extend(name.bytes().chain(*b": "));
        // What a header may hold; the rest is for requests that are none.
        request.extend(
            value
                .into_iter()
                .filter(|byte| *byte >= 0x20 && *byte != 0x7f),
        );
        request.extend(b"\r\n");
    }
    let body = body(dice);
    if !body.is_empty() {
        let media_type = one(
            dice,
            &[
                "application/json",
                "application/json; charset=utf-8",
                "text/plain",
                "application/xml",
                "",
                "a/b;;",
            ],
        );
        request.extend(
            format!(
                "Content-Type: {media_type}\r\nContent-Length: {}\r\n",
                body.len()
            )
            .bytes(),
        );
    }
    request.extend(b"\r\n");
    request.extend(body);
    request
}

fn target(dice: &mut Dice, operation: &Operation) -> String {
    let mut target = String::new();
    for segment in operation.path.split('/').skip(1) {
        target.push('/');
        if segment.starts_with('{') || dice.below(20) == 0 {
            target.push_str(&text(dice));
        } else {
            target.push_str(segment);
        }
    }
    let mut separator = '?';
    for _ in 0..dice.below(4) {
        target.push(separator);
        separator = '&';
        let known = u32::try_from(operation.parameters.len()).unwrap_or_default();
        match operation
            .parameters
            .get(usize::try_from(dice.below(known + 1)).unwrap_or_default())
        {
            Some(name) => target.push_str(name),
            None => target.push_str(&text(dice)),
        }
        target.push('=');
        target.push_str(&text(dice));
    }
    target
}

/// A text as it may stand in a target: encoded, half encoded, or any bytes at all.
fn text(dice: &mut Dice) -> String {
    let bytes: Vec<u8> = match dice.below(8) {
        0 => (0..dice.below(24)).map(|_| byte(dice)).collect(),
        1 => vec![b'a'; usize::try_from(dice.below(1_200)).unwrap_or_default()],
        2 => {
            return one(
                dice,
                &[
                    "%",
                    "%zz",
                    "%2",
                    "%00",
                    "%c0%80",
                    "%2e%2e%2f",
                    "+",
                    ";",
                    "a=b=c",
                ],
            )
            .to_owned();
        }
        _ => one(dice, &TEXTS).bytes().collect(),
    };
    bytes.into_iter().fold(String::new(), |mut encoded, byte| {
        use std::fmt::Write as _;
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn body(dice: &mut Dice) -> Vec<u8> {
    let depth = usize::try_from(dice.below(5_000)).unwrap_or_default();
    match dice.below(8) {
        0..=2 => Vec::new(),
        3 => (0..dice.below(300)).map(|_| byte(dice)).collect(),
        4 => format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes(),
        5 => vec![b' '; depth],
        _ => {
            let mut value = |names: &[&str]| match dice.below(4) {
                0 => serde_json::json!(one(dice, &TEXTS)),
                1 => serde_json::json!(one(dice, names)),
                2 => serde_json::json!([dice.below(10), null, {"a": 1.5}]),
                _ => Value::Null,
            };
            let mut body = serde_json::json!({
                "token": value(&["ExponentPushToken[drill]", "x"]),
                "platform": value(&["android", "ios", "windows"]),
                "deviceName": value(&["Phone"]),
            });
            if let (true, Some(fields)) = (depth % 3 == 0, body.as_object_mut()) {
                fields.insert(one(dice, &TEXTS).to_owned(), Value::Null);
            }
            body.to_string().into_bytes()
        }
    }
}
