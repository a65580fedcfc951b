//! How letters prove themselves: vectors of vendors, of their sheets, and everything that is almost a proof.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::connection::{Algorithm, Proof, Provider};
use habeo_core::time::{SECOND_MICROS, Timestamp};
use proptest::prelude::*;
use secrecy::SecretString;

use super::{Post, document, secret};
use crate::admit::Turned;
use crate::verify::{proves, sign};

const JAMF: &str = r#"{"webhook":{"id":9,"name":"Habeo","webhookEvent":"ComputerAdded","eventTimestamp":1767225600123},"event":{"serialNumber":"C02TEST12345","jssID":42}}"#;
const JAMF_HEX: &str = "d6f4de3b636facd783e9653e2d75f3a51a83fc593da6ea31868f10fde49b534d";
const SERVICENOW: &str = r#"{"event_id":"9d385017c611228701d22104cc95c371-7","table":"incident","number":"INC0010023","state":"2"}"#;
const SERVICENOW_HEX: &str = "ce3d1bcf4c056b99f22b02d9b06495137dd8384deff2ba83282d216ec5033ff8";
const SIGNED_AT: i64 = 1_767_225_600;

fn hmac(algorithm: Algorithm, timestamp: Option<&str>) -> Proof {
    Proof::Hmac {
        header: "X-Habeo-Signature".to_owned(),
        algorithm,
        timestamp_header: timestamp.map(ToOwned::to_owned),
    }
}

fn signed(signature: &str, body: &str) -> Post {
    Post::json(body).header("x-habeo-signature", signature)
}

fn fits(proof: &Proof, secrets: &[&str], post: &Post) -> bool {
    let secrets: Vec<SecretString> = secrets.iter().map(|text| secret(text)).collect();
    proves(proof, &secrets, &post.letter())
}

#[test]
fn published_vectors_hold() {
    for (key, body, signature) in [
        (
            "It's a Secret to Everybody",
            "Hello World!",
            "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        ),
        (
            "jira-secret-1",
            r#"{"webhookEvent":"jira:issue_updated","timestamp":1767225600123,"issue":{"id":"10001","key":"ITH-7"}}"#,
            "fff3fb9febc395bd9a5887b1518e79a46a9f36df283cfcd10aaa162822afc733",
        ),
        ("sixteen-char-secret!", JAMF, JAMF_HEX),
        (
            "sixteen-char-secret!",
            JAMF,
            "1vTeO2NvrNeD6WU+LXXzpRqD/Fk9puoxho8Q/eSbU00=",
        ),
        ("sn-shared-secret-001", SERVICENOW, SERVICENOW_HEX),
        (
            "sn-shared-secret-001",
            SERVICENOW,
            "zj0bz0wFa5nyKwLZsGSVE33YOE3v8rqDKC0hbsUDP/g=",
        ),
        (
            "sn-shared-secret-001",
            SERVICENOW,
            "sha256=zj0bz0wFa5nyKwLZsGSVE33YOE3v8rqDKC0hbsUDP/g=",
        ),
    ] {
        assert!(
            fits(
                &hmac(Algorithm::Sha256, None),
                &[key],
                &signed(signature, body)
            ),
            "{signature}"
        );
    }
    assert!(fits(
        &hmac(Algorithm::Sha256, None),
        &["sixteen-char-secret!"],
        &signed(&JAMF_HEX.to_uppercase(), JAMF)
    ));
    // RFC 4231, case 2.
    let longer = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
    let post = signed(&format!("sha512={longer}"), "what do ya want for nothing?");
    assert!(fits(&hmac(Algorithm::Sha512, None), &["Jefe"], &post));
    assert!(!fits(&hmac(Algorithm::Sha256, None), &["Jefe"], &post));
}

#[test]
fn either_secret_proves_and_no_other() {
    let proof = hmac(Algorithm::Sha256, None);
    let post = signed(JAMF_HEX, JAMF);
    let right = "sixteen-char-secret!";
    for (secrets, taken) in [
        (&[right][..], true),
        (&[right, "next"][..], true),
        (&["next", right][..], true),
        (&["next"][..], false),
        (&[][..], false),
    ] {
        assert_eq!(fits(&proof, secrets, &post), taken, "{secrets:?}");
    }
    let empty = signed(&sign(Algorithm::Sha256, &secret(""), None, b"x"), "x");
    assert!(!fits(&proof, &[""], &empty), "no secret is no proof");
}

#[test]
fn whatever_is_not_exactly_a_signature_is_none() {
    let proof = hmac(Algorithm::Sha256, None);
    for signature in [
        "",
        "sha256=",
        &format!("sha1={JAMF_HEX}"),
        &format!("sha512={JAMF_HEX}"),
        &format!("SHA256:{JAMF_HEX}"),
        &format!("{JAMF_HEX}00"),
        &JAMF_HEX[..62],
        &format!("sha256=sha256={JAMF_HEX}"),
        &JAMF_HEX.replace('d', "g"),
        "1vTeO2NvrNeD6WU+LXXzpRqD/Fk9puoxho8Q/eSbU00",
        "1vTeO2NvrNeD6WU-LXXzpRqD_Fk9puoxho8Q_eSbU00=",
        &format!("{JAMF_HEX},{JAMF_HEX}"),
    ] {
        assert!(
            !fits(&proof, &["sixteen-char-secret!"], &signed(signature, JAMF)),
            "{signature}"
        );
    }
    let twice = signed(JAMF_HEX, JAMF).header("x-habeo-signature", JAMF_HEX);
    assert!(!fits(&proof, &["sixteen-char-secret!"], &twice));
    assert!(!fits(&proof, &["sixteen-char-secret!"], &Post::json(JAMF)));
    assert!(!fits(
        &proof,
        &["sixteen-char-secret!"],
        &signed(JAMF_HEX, &JAMF.replace("42", "43"))
    ));
}

#[test]
fn a_signed_time_may_be_five_minutes_off() {
    let proof = hmac(Algorithm::Sha256, Some("X-Habeo-Timestamp"));
    let signature = "a04ca840e6cbea69f2e15a21c4de35ead3bc04fb86dc162d7f98a397c793d90f";
    let judged = |stamps: &[&str], now: i64| {
        let mut post = signed(signature, SERVICENOW);
        for stamp in stamps {
            post = post.header("x-habeo-timestamp", stamp);
        }
        post.received_at = Timestamp::from_seconds(now);
        fits(&proof, &["other", "sn-shared-secret-001"], &post)
    };
    for (now, taken) in [
        (0, true),
        (300, true),
        (-300, true),
        (301, false),
        (-301, false),
    ] {
        assert_eq!(judged(&["1767225600"], SIGNED_AT + now), taken, "{now}");
    }
    for stamps in [
        &[][..],
        &[""],
        &["now"],
        &["+1767225600"],
        &["01767225600"],
        &["1767225600.0"],
        &["1767225600000"],
        &["1767225600", "1767225600"],
        &["1767225601"],
    ] {
        assert!(!judged(stamps, SIGNED_AT), "{stamps:?}");
    }
    let mut late = signed(signature, SERVICENOW).header("x-habeo-timestamp", "1767225600");
    late.received_at = Timestamp::from_seconds(SIGNED_AT).plus_micros(300 * SECOND_MICROS + 1);
    assert!(!fits(&proof, &["sn-shared-secret-001"], &late));
}

#[test]
fn a_password_may_have_colons() {
    let proof = Proof::Basic {
        user: "habeo".to_owned(),
    };
    let judged = |authorization: &str| {
        fits(
            &proof,
            &["old", "pass:word:1"],
            &Post::json("{}").header("authorization", authorization),
        )
    };
    let of = |scheme: &str, credentials: &str| format!("{scheme} {}", STANDARD.encode(credentials));
    for (authorization, taken) in [
        (of("Basic", "habeo:pass:word:1"), true),
        (of("basic", "habeo:pass:word:1"), true),
        (of("Basic ", "habeo:old"), true),
        (of("Basic", "habeo:pass"), false),
        (of("Basic", "habe0:old"), false),
        (of("Basic", "habeo:"), false),
        (of("Basic", "habeo"), false),
        (of("Bearer", "habeo:old"), false),
        ("Basic habeo:old".to_owned(), false),
        ("Basic".to_owned(), false),
    ] {
        assert_eq!(judged(&authorization), taken, "{authorization}");
    }
    let right = of("Basic", "habeo:old");
    let twice = Post::json("{}")
        .header("authorization", &right)
        .header("authorization", &right);
    assert!(!fits(&proof, &["old"], &twice));
}

#[test]
fn a_header_is_the_secret_behind_its_beginning() {
    let proof = |prefix: &str| Proof::Header {
        header: "X-Token".to_owned(),
        prefix: prefix.to_owned(),
    };
    let judged = |prefix: &str, value: &str| {
        fits(
            &proof(prefix),
            &["first", "second"],
            &Post::json("{}").header("x-token", value),
        )
    };
    for (prefix, value, taken) in [
        ("", "first", true),
        ("", "second", true),
        ("Bearer ", "Bearer second", true),
        ("Bearer ", "second", false),
        ("Bearer ", "Bearer ", false),
        ("", "firs", false),
        ("", "first2", false),
        ("", "", false),
    ] {
        assert_eq!(judged(prefix, value), taken, "{prefix}{value}");
    }
    let twice = Post::json("{}")
        .header("x-token", "first")
        .header("x-token", "first");
    assert!(!fits(&proof(""), &["first"], &twice));
    assert!(!fits(
        &proof(""),
        &[""],
        &Post::json("{}").header("x-token", "")
    ));
    assert!(
        !fits(&Proof::ClientState, &["first"], &Post::json("{}")),
        "no letter as a whole"
    );
}

#[test]
fn the_door_asks_for_proof_before_it_reads() {
    let unread = Post::json("no JSON");
    assert_eq!(
        unread.admitted(Provider::Jira, &[secret("a")]),
        Err(Turned::Unproven)
    );
    let proven = Post::json("no JSON").header("authorization", "Bearer a");
    assert!(matches!(
        proven.admitted(Provider::Jira, &[secret("a")]),
        Err(Turned::Unreadable(_))
    ));
    let good =
        Post::json(document!("jamf/computer-added.json")).header("authorization", "Bearer a");
    assert!(
        good.admitted(Provider::Jamf, &[secret("b"), secret("a")])
            .is_ok_and(|admitted| admitted.unproven == 0)
    );
    let shaken = Post::json("").query("validationToken=a");
    assert_eq!(
        shaken.admitted(Provider::Jamf, &[]),
        Err(Turned::Unproven),
        "only Microsoft's services try"
    );
}

proptest! {
    /// What is signed proves itself, in every spelling; one byte changed, and it does not.
    #[test]
    fn what_is_signed_proves_itself(key in "[ -~]{1,80}", body in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let signature = sign(algorithm, &secret(&key), None, &body);
            let proof = hmac(algorithm, None);
            let post = Post::json(body.clone()).header("x-habeo-signature", &format!("{algorithm}={signature}"));
            prop_assert!(fits(&proof, &[&key], &post));
            let mut bytes = signature.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let altered = String::from_utf8(bytes).expect("digits");
            let post = Post::json(body.clone()).header("x-habeo-signature", &altered);
            prop_assert!(!fits(&proof, &[&key], &post));
        }
    }

    /// No header makes the check panic, and none of them is a proof.
    #[test]
    fn no_header_breaks_the_check(value in "[ -~]{0,120}", stamp in "[ -~]{0,20}") {
        let post = Post::json("{}")
            .header("x-habeo-signature", &value)
            .header("x-habeo-timestamp", &stamp)
            .header("authorization", &value);
        let secret = "a secret that nobody guesses";
        for proof in [
            hmac(Algorithm::Sha256, None),
            hmac(Algorithm::Sha512, Some("x-habeo-timestamp")),
            Proof::Basic { user: "habeo".to_owned() },
            Proof::Header { header: "authorization".to_owned(), prefix: String::new() },
        ] {
            prop_assert!(!fits(&proof, &[secret], &post));
        }
    }
}
