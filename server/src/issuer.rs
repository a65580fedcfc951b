//! The sandbox issuer: signs session tokens shaped like Clerk's, so that everything works before Clerk is configured.
//!
//! To the rest of the server it is an issuer like any other. Its key is made at the first start and kept sealed in the database, so that
//! every node of an installation has the same.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use habeo_core::installation::{self, InstallationError};
use habeo_core::ledger::Ledger;
use habeo_core::random::Random;
use habeo_core::secret::MasterKey;
use habeo_core::time::Timestamp;
use habeo_surface::token::{Issuer, KeySource};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// What its tokens have as `iss`.
pub const ISSUER: &str = "urn:habeo:sandbox";
/// How long a token lasts: the most that any issuer's may.
pub const TOKEN_LIFE_SECONDS: i64 = 3_600;
/// `nbf` lies this far before `iat`, as in Clerk's tokens.
const NOT_BEFORE_SECONDS: i64 = 10;
const KEY_ID: &str = "ins_habeo_sandbox";
const SECRET_NAME: &str = "sandbox issuer key";

/// A signing key with its public half.
pub struct SandboxIssuer {
    signing: EncodingKey,
    key_set: Value,
}

impl std::fmt::Debug for SandboxIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SandboxIssuer")
    }
}

/// Why there is no sandbox issuer.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// Its key cannot be read or kept.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// Its key cannot be made or used.
    #[error("the sandbox issuer's key cannot be used")]
    Key,
    /// A token cannot be signed.
    #[error("a sandbox token cannot be signed")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// Whose token it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The issuer's name for the person.
    pub subject: &'a str,
    /// The issuer's name for the organisation.
    pub organization: &'a str,
    /// The organisation's slug.
    pub slug: &'a str,
    /// Whether they administer it.
    pub admin: bool,
}

/// The sandbox issuer's name for an organisation.
#[must_use]
pub fn external_id(slug: &str) -> String {
    format!("org_sbx_{slug}")
}

impl SandboxIssuer {
    /// Opens the installation's key, made now if there is none.
    pub async fn open(ledger: &Ledger, master_key: &MasterKey) -> Result<Self, IssuerError> {
        let now = ledger.clock().now();
        let made = || {
            let pair = KeyPair::generate(KeySize::Rsa2048).ok();
            let der: Option<Pkcs8V1Der<'_>> = pair.as_ref().and_then(|pair| pair.as_der().ok());
            der.map(|der| der.as_ref().to_vec()).unwrap_or_default()
        };
        let key = installation::secret(
            ledger.db(),
            master_key,
            SECRET_NAME,
            now,
            ledger.random(),
            made,
        )
        .await?;
        Self::from_pkcs8(key.expose_secret())
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, IssuerError> {
        let pair = KeyPair::from_pkcs8(der).map_err(|_| IssuerError::Key)?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der)
        );
        let key = json!({
            "use": "sig", "kty": "RSA", "alg": "RS256", "kid": KEY_ID,
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        });
        Ok(Self {
            signing: EncodingKey::from_rsa_pem(pem.as_bytes())?,
            key_set: json!({"keys": [key]}),
        })
    }

    /// What verifiers need: the same form that Clerk publishes.
    #[must_use]
    pub const fn key_set(&self) -> &Value {
        &self.key_set
    }

    /// The issuer as the authenticator knows it.
    pub fn issuer(&self) -> Result<Issuer, IssuerError> {
        let keys = KeySource::document(self.key_set.to_string().as_bytes())
            .map_err(|_| IssuerError::Key)?;
        Ok(Issuer::new(ISSUER, keys))
    }

    /// Signs a session token shaped like Clerk's version 2.
    pub fn token(
        &self,
        subject: Subject<'_>,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<String, IssuerError> {
        let issued_at = now.seconds();
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(KEY_ID.to_owned());
        let claims = json!({
            "iss": ISSUER,
            "sub": subject.subject,
            "sid": format!("sess_sbx_{}", token_id(random)),
            "jti": token_id(random),
            "iat": issued_at,
            "nbf": issued_at - NOT_BEFORE_SECONDS,
            "exp": issued_at + TOKEN_LIFE_SECONDS,
            "v": 2,
            "sts": "active",
            "fva": [0, -1],
            "o": {
                "id": subject.organization,
                "slg": subject.slug,
                "rol": if subject.admin { "admin" } else { "member" },
            },
        });
        Ok(encode(&header, &claims, &self.signing)?)
    }
}

fn token_id(random: &dyn Random) -> String {
    let mut bytes = [0; 12];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
