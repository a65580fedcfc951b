//! An issuer of session tokens for tests: real keys, claims shaped like Clerk's, and any deviation from them.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use habeo_core::session::Credential;
use habeo_core::time::Timestamp;
use serde_json::{Value, json};

use crate::must;

/// The origin whose tokens are accepted.
pub const PARTY: &str = "https://app.example";
/// As long as Clerk's session tokens live.
const LIFE_SECONDS: i64 = 60;
const NOT_BEFORE_SECONDS: i64 = 10;

/// A signing key.
#[derive(Debug)]
pub struct Signer {
    pair: KeyPair,
}

/// The issuer's key. Keys take long to make, so all tests of a process share them.
pub fn issuer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(Signer::generate)
}

/// A key that the issuer never had.
pub fn stranger() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(Signer::generate)
}

impl Signer {
    pub(crate) fn generate() -> Self {
        Self {
            pair: must(KeyPair::generate(KeySize::Rsa2048)),
        }
    }

    /// The public half as PEM, as an operator would configure it.
    #[must_use]
    pub fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = must(self.pair.public_key().as_der());
        pem("PUBLIC KEY", der.as_ref())
    }

    /// The private half as PEM, as an app that proves itself by it would configure it.
    #[must_use]
    pub fn private_pem(&self) -> String {
        let der: Pkcs8V1Der<'_> = must(self.pair.as_der());
        pem("PRIVATE KEY", der.as_ref())
    }

    /// Whether this key signed something, by an algorithm that is named as in a token.
    #[must_use]
    pub fn has_signed(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        let by = match algorithm {
            "RS256" => &RSA_PKCS1_2048_8192_SHA256,
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        let key = UnparsedPublicKey::new(by, self.pair.public_key().as_ref());
        key.verify(signed, signature).is_ok()
    }

    /// The public half as the issuer publishes it.
    #[must_use]
    pub fn jwk(&self, key_id: &str) -> Value {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(self.pair.public_key());
        json!({
            "use": "sig", "kty": "RSA", "alg": "RS256", "kid": key_id,
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        })
    }

    /// Signs a token.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        must(self.pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        ));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Bytes as PEM.
#[must_use]
pub fn pem(what: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<String> = text
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {what}-----\n{lines}\n-----END {what}-----\n")
}

/// A token up to its signature.
#[must_use]
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// The header of a good token.
#[must_use]
pub fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": "ins_1", "cat": "cl_1"})
}

/// The claims of version 2 of somebody whose one session is named after them.
#[must_use]
pub fn claims(credential: &Credential, now: Timestamp) -> Value {
    let now = now.seconds();
    json!({
        "azp": PARTY, "iss": credential.issuer, "sub": credential.subject, "sid": format!("sess_{}", credential.subject),
        "iat": now, "nbf": now - NOT_BEFORE_SECONDS, "exp": now + LIFE_SECONDS, "jti": format!("jti_{now}"),
        "v": 2, "sts": "active", "fva": [3, -1],
        "o": {
            "id": credential.organization, "slg": credential.organization,
            "rol": if credential.admin { "admin" } else { "member" },
            "per": "manage,read", "fpm": "3,2",
        },
    })
}

/// The same with some members replaced; `null` removes one.
#[must_use]
pub fn changed(mut claims: Value, changes: Value) -> Value {
    if let (Some(object), Value::Object(changes)) = (claims.as_object_mut(), changes) {
        for (name, value) in changes {
            if value.is_null() {
                object.remove(&name);
            } else {
                object.insert(name, value);
            }
        }
    }
    claims
}

/// A good token.
#[must_use]
pub fn token(credential: &Credential, now: Timestamp) -> String {
    issuer().sign(&header(), &claims(credential, now))
}
