//! The token cases that the issuer's contract lists, against real keys.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use habeo_core::time::SECOND_MICROS;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::testing::{
    Directory, KeyServer, NOW, authenticator, claims, claims_with, clock, fixed_keys, header,
    issuer, merged, signers, token, unsigned,
};
use super::*;

async fn verify(token: &str) -> Result<Arc<Verified>, Fault> {
    authenticator(fixed_keys(), &clock(), &Arc::default())
        .verify(token)
        .await
}

async fn reason(token: &str) -> Option<Reason> {
    match verify(token).await {
        Ok(_) => None,
        Err(Fault::Refused(reason)) => Some(reason),
        Err(Fault::KeysUnavailable) => panic!("the keys are fixed"),
    }
}

#[tokio::test]
async fn both_versions_name_the_organization() {
    let second = verify(&token(json!({}))).await.expect("version 2");
    assert_eq!(second.organization(), Some(("org_1", true)));
    assert_eq!(second.session_id, "sess_1");
    let first =
        json!({"v": null, "sts": null, "o": null, "org_id": "org_1", "org_role": "org:admin"});
    let first = verify(&token(first)).await.expect("version 1");
    assert_eq!(first.standing, second.standing);
    // Version 2 reads `o` only.
    let both = json!({"o": null, "org_id": "org_other"});
    let both = verify(&token(both)).await.expect("good");
    assert_eq!(both.standing, Standing::NoOrganization);
}

#[tokio::test]
async fn permissions_of_any_shape_do_not_matter() {
    for organization in [
        json!({"id": "org_1"}),
        json!({"id": "org_1", "rol": "member", "per": "manage", "fpm": "3,2,x,9"}),
    ] {
        let verified = verify(&token(json!({"o": organization}))).await;
        assert_eq!(
            verified.expect("good").organization(),
            Some(("org_1", false))
        );
    }
}

#[tokio::test]
async fn a_session_can_be_good_and_useless() {
    let pending = verify(&token(json!({"sts": "pending"}))).await;
    assert_eq!(pending.expect("good").standing, Standing::Pending);
    let none = verify(&token(json!({"o": null}))).await;
    assert_eq!(none.expect("good").standing, Standing::NoOrganization);
    let acting = verify(&token(json!({"act": {"sub": "user_support"}}))).await;
    assert_eq!(
        acting.expect("good").impersonator.as_deref(),
        Some("user_support")
    );
}

#[tokio::test]
async fn claims_are_held_against_every_rule() {
    let cases: [(Value, Option<Reason>); 30] = [
        (json!({"exp": NOW - 4}), None),
        (json!({"exp": NOW - 6}), Some(Reason::Expired)),
        (json!({"nbf": NOW + 4}), None),
        (json!({"nbf": NOW + 6}), Some(Reason::NotYet)),
        (json!({"iat": NOW + 4}), None),
        (json!({"iat": NOW + 6}), Some(Reason::IssuedInTheFuture)),
        (json!({"exp": NOW + 3_600}), None),
        (json!({"exp": NOW + 3_601}), Some(Reason::Lifetime)),
        (json!({"exp": i64::MAX}), Some(Reason::Lifetime)),
        (json!({"exp": null}), Some(Reason::Times)),
        (json!({"nbf": null}), Some(Reason::Times)),
        (json!({"iat": null}), Some(Reason::Times)),
        (json!({"exp": "soon"}), Some(Reason::Malformed)),
        (
            json!({"iss": "https://other.example"}),
            Some(Reason::Issuer),
        ),
        (
            json!({"iss": "https://clerk.example/"}),
            Some(Reason::Issuer),
        ),
        (json!({"iss": null}), Some(Reason::Issuer)),
        (json!({"azp": null}), None),
        (
            json!({"azp": "https://evil.example"}),
            Some(Reason::AuthorizedParty),
        ),
        (
            json!({"azp": "https://www.example/"}),
            Some(Reason::AuthorizedParty),
        ),
        (json!({"azp": ""}), Some(Reason::AuthorizedParty)),
        (json!({"sid": null}), Some(Reason::Session)),
        (json!({"sid": ""}), Some(Reason::Session)),
        (json!({"sub": ""}), Some(Reason::Subject)),
        (json!({"sub": null}), Some(Reason::Subject)),
        (json!({"sub": 7}), Some(Reason::Malformed)),
        (json!({"sub": "a\nb"}), Some(Reason::Subject)),
        (json!({"v": 3}), Some(Reason::Version)),
        (json!({"v": 1}), None),
        (json!({"sts": "odd"}), Some(Reason::Status)),
        (json!({"aud": "whatever"}), None),
    ];
    for (changes, expected) in cases {
        let text = changes.to_string();
        assert_eq!(reason(&token(changes)).await, expected, "{text}");
    }
}

#[tokio::test]
async fn headers_are_held_against_every_rule() {
    let long = "k".repeat(129);
    let cases: [(Value, Option<Reason>); 15] = [
        (json!({"typ": null}), None),
        (json!({"typ": "at+jwt"}), Some(Reason::Type)),
        (json!({"alg": "none"}), Some(Reason::Algorithm)),
        (json!({"alg": "RS512"}), Some(Reason::Algorithm)),
        (json!({"alg": "rs256"}), Some(Reason::Algorithm)),
        (json!({"alg": null}), Some(Reason::Malformed)),
        (json!({"crit": ["x"]}), Some(Reason::HeaderForbidden)),
        (
            json!({"jku": "https://evil.example"}),
            Some(Reason::HeaderForbidden),
        ),
        (
            json!({"x5u": "https://evil.example"}),
            Some(Reason::HeaderForbidden),
        ),
        (
            json!({"jwk": {"kty": "RSA"}}),
            Some(Reason::HeaderForbidden),
        ),
        (json!({"kid": "ins_2"}), Some(Reason::KeyUnknown)),
        (json!({"kid": null}), Some(Reason::KeyUnknown)),
        (json!({"kid": "../etc/passwd"}), Some(Reason::KeyId)),
        (json!({"kid": long}), Some(Reason::KeyId)),
        (json!({"kid": 7}), Some(Reason::Malformed)),
    ];
    for (changes, expected) in cases {
        let text = changes.to_string();
        let token = signers()[0].sign(&merged(header(), changes), &claims());
        assert_eq!(reason(&token).await, expected, "{text}");
    }
}

#[tokio::test]
async fn only_the_issuers_signature_counts() {
    let good = token(json!({}));
    let (signed, signature) = good.rsplit_once('.').expect("parts");
    let stranger = signers()[2].sign(&header(), &claims());
    assert_eq!(reason(&stranger).await, Some(Reason::Signature));
    let other = unsigned(&header(), &claims_with(json!({"sub": "user_2"})));
    let transplanted = format!("{other}.{signature}");
    assert_eq!(reason(&transplanted).await, Some(Reason::Signature));
    // The public key as a shared secret: the classic confusion.
    let mut hs = Header::new(Algorithm::HS256);
    hs.kid = Some("ins_1".to_owned());
    let secret = EncodingKey::from_secret(signers()[0].pem().as_bytes());
    let confused = jsonwebtoken::encode(&hs, &claims(), &secret).expect("a token");
    assert_eq!(reason(&confused).await, Some(Reason::Algorithm));
    for junk in [
        String::new(),
        "a".to_owned(),
        "a.b.c".to_owned(),
        signed.to_owned(),
        format!("{signed}."),
        format!("{good}.x.y"),
        format!("{good}="),
        "ak_opaque".to_owned(),
    ] {
        let reason = reason(&junk).await;
        let expected = [Some(Reason::Malformed), Some(Reason::Signature)];
        assert!(expected.contains(&reason), "{junk}: {reason:?}");
    }
    assert_eq!(reason(&"x".repeat(20_000)).await, Some(Reason::TooLong));
}

#[tokio::test]
async fn a_missing_party_can_be_forbidden() {
    let issuer = Issuer {
        allow_missing_azp: false,
        ..issuer(fixed_keys())
    };
    let directory = Arc::new(Directory::default());
    let strict = Authenticator::new(vec![issuer], directory, clock(), Quotas::default());
    let fault = strict.verify(&token(json!({"azp": null}))).await;
    assert_eq!(fault.err(), Some(Fault::Refused(Reason::AuthorizedParty)));
}

#[tokio::test]
async fn issuers_are_equal_and_apart() {
    let ours = issuer(fixed_keys());
    let pem = KeySource::pem(&signers()[1].pem()).expect("a public key");
    let theirs = Issuer::new("https://sandbox.example", pem);
    let directory = Arc::new(Directory::default());
    let both = Authenticator::new(vec![ours, theirs], directory, clock(), Quotas::default());
    assert!(both.verify(&token(json!({}))).await.is_ok());
    let named = claims_with(json!({"iss": "https://sandbox.example", "azp": null}));
    let good = signers()[1].sign(&header(), &named);
    assert!(both.verify(&good).await.is_ok());
    let crossed = signers()[0].sign(&header(), &named);
    assert_eq!(
        both.verify(&crossed).await.err(),
        Some(Fault::Refused(Reason::Signature))
    );
}

#[tokio::test]
async fn a_remembered_token_still_ends() {
    let clock = clock();
    let authenticator = authenticator(fixed_keys(), &clock, &Arc::default());
    let token = token(json!({}));
    assert!(authenticator.verify(&token).await.is_ok());
    clock.advance_micros(64 * SECOND_MICROS);
    assert!(
        authenticator.verify(&token).await.is_ok(),
        "within the skew"
    );
    clock.advance_micros(SECOND_MICROS);
    assert_eq!(
        authenticator.verify(&token).await.err(),
        Some(Fault::Refused(Reason::Expired))
    );
}

#[tokio::test]
async fn what_is_revoked_is_refused_before_it_ends() {
    let clock = clock();
    let authenticator = authenticator(fixed_keys(), &clock, &Arc::default());
    let (one, two) = (token(json!({})), token(json!({"sid": "sess_2"})));
    assert!(authenticator.verify(&one).await.is_ok());
    authenticator.end(&Ended::Session {
        issuer: super::testing::ISSUER,
        session_id: "sess_1",
    });
    assert_eq!(
        authenticator.verify(&one).await.err(),
        Some(Fault::Refused(Reason::Revoked))
    );
    assert!(authenticator.verify(&two).await.is_ok());
    authenticator.end(&Ended::Subject {
        issuer: super::testing::ISSUER,
        subject: "user_1",
    });
    assert!(authenticator.verify(&two).await.is_err());
    // Unlocked and signed in again: the new token is good.
    clock.advance_micros(10 * SECOND_MICROS);
    let fresh = json!({"sid": "sess_3", "iat": NOW + 10, "exp": NOW + 70});
    assert!(authenticator.verify(&token(fresh)).await.is_ok());
}

#[tokio::test]
async fn a_session_is_kept_for_five_seconds_and_one_generation() {
    let (clock, directory) = (clock(), Arc::new(Directory::default()));
    let authenticator = authenticator(fixed_keys(), &clock, &directory);
    let verified = authenticator.verify(&token(json!({}))).await.expect("good");
    let Standing::Active(credential) = &verified.standing else {
        panic!("an active session");
    };
    let resolved = async |times: usize| {
        for _ in 0..3 {
            let session = authenticator.session(credential, "sess_1").await;
            session.expect("a session");
        }
        assert_eq!(directory.resolved.load(Ordering::SeqCst), times);
    };
    // The first time only tells which organisation it is.
    resolved(2).await;
    clock.advance_micros(4 * SECOND_MICROS);
    resolved(2).await;
    directory.generation.fetch_add(1, Ordering::SeqCst);
    resolved(3).await;
    clock.advance_micros(5 * SECOND_MICROS);
    resolved(4).await;
}

#[tokio::test]
async fn an_unknown_key_is_fetched_once() {
    let clock = clock();
    let server = KeyServer::start(Some(json!({"keys": [signers()[0].jwk("ins_1")]}))).await;
    let authenticator = authenticator(server.keys.clone(), &clock, &Arc::default());
    assert!(authenticator.verify(&token(json!({}))).await.is_ok());
    assert_eq!(server.count(), 1);
    // The issuer rotates.
    let rotated = signers()[1].sign(&merged(header(), json!({"kid": "ins_2"})), &claims());
    server.serve(Some(
        json!({"keys": [signers()[0].jwk("ins_1"), signers()[1].jwk("ins_2")]}),
    ));
    assert!(authenticator.verify(&rotated).await.is_err(), "too soon");
    clock.advance_micros(30 * SECOND_MICROS);
    assert!(authenticator.verify(&rotated).await.is_ok());
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_thousand_unknown_keys_are_a_bounded_number_of_fetches() {
    let clock = clock();
    let server = KeyServer::start(Some(json!({"keys": [signers()[0].jwk("ins_1")]}))).await;
    let authenticator = Arc::new(authenticator(server.keys.clone(), &clock, &Arc::default()));
    let flood: Vec<_> = (0..1_000)
        .map(|i| {
            let header = merged(header(), json!({"kid": format!("kid_{i}")}));
            let token = format!("{}.c2ln", unsigned(&header, &claims()));
            let authenticator = authenticator.clone();
            tokio::spawn(async move { authenticator.verify(&token).await.err() })
        })
        .collect();
    for task in flood {
        let fault = task.await.expect("no panic");
        assert_eq!(fault, Some(Fault::Refused(Reason::KeyUnknown)));
    }
    assert_eq!(server.count(), 1);
    assert!(authenticator.verify(&token(json!({}))).await.is_ok());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn an_outage_is_outlived_with_keys_and_said_without() {
    let clock = clock();
    let server = KeyServer::start(None).await;
    let authenticator = authenticator(server.keys.clone(), &clock, &Arc::default());
    let good = token(json!({}));
    for _ in 0..3 {
        let fault = authenticator.verify(&good).await.err();
        assert_eq!(fault, Some(Fault::KeysUnavailable));
    }
    assert_eq!(server.count(), 1, "not more often than every 30 s");
    server.serve(Some(json!({"keys": [signers()[0].jwk("ins_1")]})));
    clock.advance_micros(30 * SECOND_MICROS);
    assert!(authenticator.verify(&good).await.is_ok());
    // Down again, for hours.
    server.serve(None);
    let at = |hours: i64| {
        let now = NOW + hours * 3_600;
        clock.set(habeo_core::time::Timestamp::from_seconds(now));
        token(json!({"iat": now, "nbf": now - 10, "exp": now + 60}))
    };
    assert!(authenticator.verify(&at(2)).await.is_ok());
    assert!(authenticator.verify(&at(23)).await.is_ok());
    assert_eq!(
        authenticator.verify(&at(26)).await.err(),
        Some(Fault::KeysUnavailable)
    );
}

#[test]
fn only_usable_keys_are_taken() {
    let jwk = signers()[0].jwk("ins_1");
    let parse = |keys: Value| KeySource::document(json!({"keys": keys}).to_string().as_bytes());
    assert!(parse(json!([jwk])).is_ok());
    assert!(
        parse(json!([merged(
            jwk.clone(),
            json!({"use": null, "alg": null})
        )]))
        .is_ok()
    );
    for bad in [
        json!({"use": "enc"}),
        json!({"kty": "EC"}),
        json!({"alg": "RS512"}),
        json!({"kid": "a b"}),
        json!({"kid": null}),
        json!({"n": "AQAB"}),
        json!({"n": "A".repeat(2_000)}),
    ] {
        assert!(
            parse(json!([merged(jwk.clone(), bad.clone())])).is_err(),
            "{bad}"
        );
    }
    assert!(parse(json!(vec![jwk; 17])).is_err());
    assert!(KeySource::document(&vec![b' '; 65 * 1_024]).is_err());
    assert!(KeySource::document(b"<html>").is_err());
}

#[test]
fn keys_come_from_safe_addresses_only() {
    for good in [
        "https://clerk.example/.well-known/jwks.json",
        "http://127.0.0.1:9000/keys",
        "http://[::1]/keys",
    ] {
        assert!(KeySource::jwks(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "clerk.example",
        "http://clerk.example/",
        "file:///etc/keys",
        "https://a:b@clerk.example/",
    ] {
        assert!(KeySource::jwks(bad).is_err(), "{bad}");
    }
}
