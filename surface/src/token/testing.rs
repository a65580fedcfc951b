//! An issuer for tests: real keys, tokens of any shape, a key set server that counts, a directory that is one line long.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use habeo_core::access::{Access, Surface};
use habeo_core::id::{OrgId, PersonId};
use habeo_core::session::{Credential, Refusal, Session};
use habeo_core::time::{SetClock, Timestamp};
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Response, Server, endpoint};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Authenticator, Issuer, KeySource, Quotas, SessionSource};

pub(crate) const ISSUER: &str = "https://clerk.example";
pub(crate) const PARTY: &str = "https://www.example";
pub(crate) const NOW: i64 = 1_767_225_600;

pub(crate) struct Signer {
    pair: KeyPair,
}

/// Keys take long to make, so every test shares these three: the issuer's, its next one, and a stranger's.
pub(crate) fn signers() -> &'static [Signer; 3] {
    static SIGNERS: OnceLock<[Signer; 3]> = OnceLock::new();
    SIGNERS.get_or_init(|| {
        std::array::from_fn(|_| Signer {
            pair: KeyPair::generate(KeySize::Rsa2048).expect("a key"),
        })
    })
}

impl Signer {
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(self.pair.public_key());
        json!({"use": "sig", "kty": "RSA", "alg": "RS256", "kid": kid,
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e)})
    }

    pub(crate) fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().expect("DER");
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).expect("base64"))
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

pub(crate) fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": "ins_1", "cat": "cl_ignored"})
}

pub(crate) fn claims() -> Value {
    json!({"azp": PARTY, "exp": NOW + 60, "iat": NOW, "nbf": NOW - 10, "iss": ISSUER, "jti": "j",
        "sid": "sess_1", "sub": "user_1", "v": 2, "sts": "active", "fva": [3, -1], "pla": "o:pro",
        "fea": "o:dashboard,o:teams",
        "o": {"id": "org_1", "slg": "westmark", "rol": "admin", "per": "manage,read", "fpm": "3,2"}})
}

/// The claims with some replaced; `null` removes one.
pub(crate) fn claims_with(changes: Value) -> Value {
    merged(claims(), changes)
}

pub(crate) fn merged(mut base: Value, changes: Value) -> Value {
    let object = base.as_object_mut().expect("an object");
    let Value::Object(changes) = changes else {
        return base;
    };
    for (name, value) in changes {
        if value.is_null() {
            object.remove(&name);
        } else {
            object.insert(name, value);
        }
    }
    base
}

/// A good token with some claims replaced.
pub(crate) fn token(changes: Value) -> String {
    signers()[0].sign(&header(), &claims_with(changes))
}

pub(crate) fn fixed_keys() -> KeySource {
    let document = json!({"keys": [signers()[0].jwk("ins_1")]});
    KeySource::document(document.to_string().as_bytes()).expect("a key set")
}

pub(crate) fn issuer(keys: KeySource) -> Issuer {
    Issuer {
        authorized_parties: vec![PARTY.to_owned()],
        ..Issuer::new(ISSUER, keys)
    }
}

pub(crate) fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::at(Timestamp::from_seconds(NOW)))
}

#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) resolved: AtomicUsize,
    pub(crate) generation: AtomicU64,
}

impl SessionSource for Directory {
    fn resolve<'a>(
        &'a self,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Session, Refusal>> {
        self.resolved.fetch_add(1, Ordering::SeqCst);
        let found = match credential.organization.as_str() {
            "org_unknown" => Err(Refusal::UnknownOrganization),
            _ if credential.subject == "user_left" => Err(Refusal::NotAMember),
            _ => Ok(Session {
                access: Access::system(OrgId::from_uuid(Uuid::from_u128(1)), Surface::System),
                person: PersonId::from_uuid(Uuid::from_u128(2)),
            }),
        };
        async move { found }.boxed()
    }

    fn generation(&self, _: OrgId) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }
}

pub(crate) fn authenticator(
    keys: KeySource,
    clock: &Arc<SetClock>,
    directory: &Arc<Directory>,
) -> Authenticator {
    Authenticator::new(
        vec![issuer(keys)],
        directory.clone(),
        clock.clone(),
        Quotas::default(),
    )
}

/// A key set server on loopback that counts how often it is asked.
pub(crate) struct KeyServer {
    pub(crate) fetches: Arc<AtomicUsize>,
    pub(crate) answer: Arc<Mutex<Option<String>>>,
    pub(crate) keys: KeySource,
}

impl KeyServer {
    pub(crate) async fn start(answer: Option<Value>) -> Self {
        let fetches = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(Mutex::new(answer.map(|value| value.to_string())));
        let acceptor = TcpListener::bind("127.0.0.1:0")
            .into_acceptor()
            .await
            .expect("a port");
        let address = acceptor.local_addr()[0].to_string();
        let url = format!("http://{}/keys", address.trim_start_matches("socket://"));
        let (count, body) = (fetches.clone(), answer.clone());
        let serve = endpoint::make_sync(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            match body.lock().expect("the answer").clone() {
                Some(body) => Response::builder().body(body),
                None => StatusCode::BAD_GATEWAY.into(),
            }
        });
        tokio::spawn(Server::new_with_acceptor(acceptor).run(serve));
        Self {
            fetches,
            answer,
            keys: KeySource::jwks(&url).expect("a loopback address"),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    pub(crate) fn serve(&self, answer: Option<Value>) {
        *self.answer.lock().expect("the answer") = answer.map(|value| value.to_string());
    }
}
