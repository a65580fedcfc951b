//! Vectors, windows and whatever is not exactly a signature.

use poem::http::HeaderValue;
use proptest::prelude::*;

use super::*;

const ID: &str = "msg_2habeo0001";
const AT: i64 = 1_767_225_600;
const BODY: &str = r#"{"data":{"deleted":true,"id":"user_2habeoPriya","object":"user"},"object":"event","type":"user.deleted","timestamp":1767225600123,"instance_id":"ins_2habeo"}"#;
const KEY: &str = "whsec_aGFiZW8tY2xlcmstd2ViaG9vay1rZXkh";
const OLD_KEY: &str = "whsec_aGFiZW8tY2xlcmstd2ViaG9vay1vbGQh";
const SIGNED: &str = "v1,ety+Hnnj3/gSrDpTAiZ698RIjcKPnBdcreQYUcnGKyU=";
const SIGNED_OLD: &str = "v1,eHP46A2UW7IbhgqQq8WmJ+wigvEhLIF/kbITRORDihI=";

fn secrets(texts: &[&str]) -> Vec<Secret> {
    let secret = |text: &&str| Secret::parse(text).expect("a secret");
    texts.iter().map(secret).collect()
}

fn head(names: [&'static str; 3], id: &str, timestamp: &str, signatures: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in names.into_iter().zip([id, timestamp, signatures]) {
        headers.append(name, HeaderValue::from_str(value).expect("a header value"));
    }
    headers
}

fn judged(timestamp: &str, signatures: &str, body: &str, now: i64) -> bool {
    let headers = head(HEADERS[0], ID, timestamp, signatures);
    verify(
        &secrets(&[KEY]),
        &headers,
        body.as_bytes(),
        Timestamp::from_seconds(now),
    )
    .is_ok()
}

#[test]
fn published_vectors_hold() {
    let key = secrets(&["whsec_plJ3nmyCDGBKInavdOK15jsl"]);
    let body = br#"{"event_type":"ping","data":{"success":true}}"#;
    let id = "msg_loFOjxBNrRLzqYUf";
    let signed = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=";
    assert_eq!(key[0].sign(id, "1731705121", body), signed);
    let now = Timestamp::from_seconds(1_731_705_121);
    for names in HEADERS {
        let headers = head(names, id, "1731705121", signed);
        assert_eq!(verify(&key, &headers, body, now), Ok(id));
    }
    let without_prefix = secrets(&["plJ3nmyCDGBKInavdOK15jsl"]);
    assert_eq!(without_prefix[0].sign(id, "1731705121", body), signed);
}

#[test]
fn either_secret_and_any_signature_count() {
    let now = Timestamp::from_seconds(AT);
    for (keys, signatures, taken) in [
        (vec![KEY], SIGNED.to_owned(), true),
        (vec![OLD_KEY], SIGNED_OLD.to_owned(), true),
        (vec![KEY], SIGNED_OLD.to_owned(), false),
        (vec![KEY, OLD_KEY], SIGNED_OLD.to_owned(), true),
        (vec![KEY], format!("{SIGNED_OLD} {SIGNED}"), true),
        (vec![KEY], format!("{SIGNED} {SIGNED_OLD}"), true),
        (vec![KEY], format!("v1a,abc v2,def nothing {SIGNED}"), true),
        (vec![KEY], SIGNED.replace("v1,", "v1a,"), false),
        (vec![], SIGNED.to_owned(), false),
    ] {
        let headers = head(HEADERS[0], ID, "1767225600", &signatures);
        let found = verify(&secrets(&keys), &headers, BODY.as_bytes(), now);
        assert_eq!(found.is_ok(), taken, "{keys:?} {signatures}");
    }
    let many = |wrong: usize| [vec![SIGNED_OLD; wrong], vec![SIGNED]].concat().join(" ");
    assert!(judged("1767225600", &many(7), BODY, AT));
    assert!(
        !judged("1767225600", &many(8), BODY, AT),
        "too many to look at"
    );
}

#[test]
fn the_window_is_five_minutes_both_ways() {
    for (now, taken) in [
        (AT + 300, true),
        (AT + 301, false),
        (AT - 300, true),
        (AT - 301, false),
    ] {
        assert_eq!(judged("1767225600", SIGNED, BODY, now), taken, "{now}");
    }
}

#[test]
fn whatever_is_not_exactly_a_signature_is_refused() {
    let indented = serde_json::to_string_pretty(
        &serde_json::from_str::<serde_json::Value>(BODY).expect("JSON"),
    )
    .expect("JSON");
    for (timestamp, signatures, body) in [
        ("1767225600", "", BODY),
        ("1767225600", "v1,", BODY),
        ("1767225600", &SIGNED[..40], BODY),
        ("1767225600", &SIGNED.replace('=', ""), BODY),
        ("1767225600", &SIGNED.to_lowercase(), BODY),
        ("", SIGNED, BODY),
        ("now", SIGNED, BODY),
        ("+1767225600", SIGNED, BODY),
        ("01767225600", SIGNED, BODY),
        ("99999999999999999999", SIGNED, BODY),
        ("-9223372036854775808", SIGNED, BODY),
        ("1767225600", SIGNED, indented.as_str()),
        ("1767225600", SIGNED, ""),
    ] {
        assert!(
            !judged(timestamp, signatures, body, AT),
            "{timestamp} {signatures}"
        );
    }
    // What was written with blanks is as good, where it was signed so.
    let signed = secrets(&[KEY])[0].sign(ID, "1767225600", indented.as_bytes());
    assert!(judged("1767225600", &signed, &indented, AT));
}

#[test]
fn every_header_is_there_once() {
    let now = Timestamp::from_seconds(AT);
    let good = head(HEADERS[0], ID, "1767225600", SIGNED);
    let keys = secrets(&[KEY]);
    assert!(verify(&keys, &good, BODY.as_bytes(), now).is_ok());
    for name in HEADERS[0] {
        let mut without = good.clone();
        let value = without.remove(name).expect("a header");
        assert_eq!(
            verify(&keys, &without, BODY.as_bytes(), now),
            Err(Unsigned),
            "{name}"
        );
        let mut twice = good.clone();
        twice.append(name, value.clone());
        assert_eq!(
            verify(&keys, &twice, BODY.as_bytes(), now),
            Err(Unsigned),
            "{name}"
        );
        // Half of one set and half of the other are none.
        let mut mixed = without;
        mixed.append(
            name.replace("svix", "webhook")
                .parse::<poem::http::HeaderName>()
                .expect("a name"),
            value,
        );
        assert_eq!(
            verify(&keys, &mixed, BODY.as_bytes(), now),
            Err(Unsigned),
            "{name}"
        );
    }
    let long = "m".repeat(256);
    for id in ["", "a b", long.as_str()] {
        let signed = keys[0].sign(id, "1767225600", BODY.as_bytes());
        let headers = head(HEADERS[0], id, "1767225600", &signed);
        assert_eq!(
            verify(&keys, &headers, BODY.as_bytes(), now),
            Err(Unsigned),
            "{id}"
        );
    }
}

#[test]
fn only_base64_of_some_length_is_a_secret() {
    for bad in [
        "",
        "whsec_",
        "whsec_not base64",
        "whsec_c2hvcnQ=",
        "sk_live_abc",
    ] {
        assert!(Secret::parse(bad).is_none(), "{bad}");
    }
    assert_eq!(format!("{:?}", secrets(&[KEY])), "[Secret(hidden)]");
}

proptest! {
    /// Nothing that anybody sends makes it fail, and nothing but the signature lets it in.
    #[test]
    fn nothing_else_comes_in(timestamp in "[ -~]{0,24}", signatures in "[ -~]{0,200}", body in proptest::collection::vec(any::<u8>(), 0..64)) {
        let headers = head(HEADERS[0], ID, &timestamp, &signatures);
        let now = Timestamp::from_seconds(AT);
        prop_assert_eq!(verify(&secrets(&[KEY]), &headers, &body, now), Err(Unsigned));
    }

    /// What is signed comes in, within the window and with any bytes; one flipped bit does not.
    #[test]
    fn what_is_signed_comes_in(off in -300_i64..=300, body in proptest::collection::vec(any::<u8>(), 1..64), bit in 0_usize..8) {
        let keys = secrets(&[KEY, OLD_KEY]);
        let timestamp = (AT + off).to_string();
        let signed = keys[1].sign(ID, &timestamp, &body);
        let headers = head(HEADERS[1], ID, &timestamp, &signed);
        let now = Timestamp::from_seconds(AT);
        prop_assert_eq!(verify(&keys, &headers, &body, now), Ok(ID));
        let mut altered = body.clone();
        altered[0] ^= 1 << bit;
        prop_assert_eq!(verify(&keys, &headers, &altered, now), Err(Unsigned));
    }
}
