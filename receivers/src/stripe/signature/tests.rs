//! Vectors, windows and whatever is not exactly a signature.

use poem::http::HeaderValue;
use proptest::prelude::*;

use super::*;

const AT: i64 = 1_767_225_600;
const BODY: &[u8] = br#"{"id":"evt_1"}"#;
const KEY: &str = "whsec_habeo_example";
const OLD_KEY: &str = "whsec_habeo_old";
const SIGNED: &str = "cb530634bfe77c455736fc0de95c7f46ab8b4898b6c086afd14b34342c4c2d28";
const SIGNED_OLD: &str = "3fc9e2281b87f2b40d8717c3dff32e145b2fb55029ea8946597186b1c8f943dc";

fn keys(texts: &[&str]) -> Vec<SecretString> {
    let secret = |text: &&str| SecretString::from((*text).to_owned());
    texts.iter().map(secret).collect()
}

fn head(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        HEADER,
        HeaderValue::from_str(value).expect("a header value"),
    );
    headers
}

fn judged(value: &str, body: &[u8], now: i64) -> bool {
    let now = Timestamp::from_seconds(now);
    verify(&keys(&[KEY]), &[], &head(value), body, now).is_ok()
}

#[test]
fn vectors_hold() {
    assert_eq!(
        sign(&keys(&[KEY])[0], "1767225600", BODY),
        format!("t=1767225600,v1={SIGNED}")
    );
    assert_eq!(
        sign(&keys(&[OLD_KEY])[0], "1767225600", BODY),
        format!("t=1767225600,v1={SIGNED_OLD}")
    );
}

#[test]
fn either_secret_and_any_signature_count() {
    let both = format!("t=1767225600,v1={SIGNED_OLD},v1={SIGNED}");
    let now = Timestamp::from_seconds(AT);
    for (live, test, mode) in [
        (vec![KEY], vec![], Ok(Mode::Live)),
        (vec![OLD_KEY], vec![], Ok(Mode::Live)),
        (vec![], vec![KEY], Ok(Mode::Test)),
        (vec![OLD_KEY], vec![KEY], Ok(Mode::Live)),
        (vec!["whsec_other"], vec![KEY], Ok(Mode::Test)),
        (vec!["whsec_other"], vec!["habeo_example"], Err(Unsigned)),
        (vec![], vec![], Err(Unsigned)),
    ] {
        let found = verify(&keys(&live), &keys(&test), &head(&both), BODY, now);
        assert_eq!(found, mode, "{live:?} {test:?}");
    }
}

#[test]
fn the_window_is_five_minutes_both_ways() {
    let header = format!("t=1767225600,v1={SIGNED}");
    for (now, taken) in [
        (AT + 299, true),
        (AT + 300, true),
        (AT + 301, false),
        (AT - 300, true),
        (AT - 400, false),
    ] {
        assert_eq!(judged(&header, BODY, now), taken, "{now}");
    }
}

#[test]
fn whatever_is_not_exactly_a_signature_is_refused() {
    for header in [
        String::new(),
        "t=1767225600".to_owned(),
        format!("v1={SIGNED}"),
        format!("t=1767225600,v0={SIGNED}"),
        format!("t=1767225600,v1={}", SIGNED.to_uppercase()),
        format!("t=1767225600,v1={}", &SIGNED[..62]),
        format!("t=1767225600,v1={SIGNED}00"),
        format!("t=,v1={SIGNED}"),
        format!("t=+1767225600,v1={SIGNED}"),
        format!("t=soon,v1={SIGNED}"),
        format!("t=1767225600,t=1767225600,v1={SIGNED}"),
        format!(
            "t=1767225600{}",
            format!(",v1={SIGNED_OLD}").repeat(8) + &format!(",v1={SIGNED}")
        ),
    ] {
        assert!(!judged(&header, BODY, AT), "{header}");
    }
    let known = format!("t=1767225600, v1={SIGNED},v0=abc,later=1,x");
    assert!(judged(&known, BODY, AT), "what is unknown does not count");
    assert!(!judged(
        &format!("t=1767225600,v1={SIGNED}"),
        br#"{"id": "evt_1"}"#,
        AT
    ));
    let mut twice = head(&known);
    twice.append(
        HEADER,
        HeaderValue::from_str(&known).expect("a header value"),
    );
    let now = Timestamp::from_seconds(AT);
    assert_eq!(verify(&keys(&[KEY]), &[], &twice, BODY, now), Err(Unsigned));
    assert_eq!(
        verify(&keys(&[KEY]), &[], &HeaderMap::new(), BODY, now),
        Err(Unsigned)
    );
}

proptest! {
    /// Nothing that anybody sends makes it fail, and nothing but the signature lets it in.
    #[test]
    fn nothing_else_comes_in(header in "(t=[0-9]{0,13})?(,?v[01]=[0-9a-f]{0,64}){0,4}[ -~]{0,20}", body in proptest::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(!judged(&header, &body, AT));
    }

    /// What is signed comes in, within the window and with any bytes; one flipped bit does not.
    #[test]
    fn what_is_signed_comes_in(off in -300_i64..=300, body in proptest::collection::vec(any::<u8>(), 1..64), bit in 0_usize..8) {
        let header = sign(&keys(&[KEY])[0], &(AT + off).to_string(), &body);
        prop_assert!(judged(&header, &body, AT));
        let mut altered = body.clone();
        altered[0] ^= 1 << bit;
        prop_assert!(!judged(&header, &altered, AT));
    }
}
