//! Which client asks at the endpoints that apps call themselves, and how it proves it.
//!
//! A confidential client sends its id and its secret as RFC 7617 has it, each encoded as in a form (RFC 6749, section 2.3.1); a public one sends its
//! id as a parameter. A client that was registered for the one way is not taken by the other.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::app_client::{Client, Proof, Secret, Status, store};
use habeo_core::id::AppClientId;
use habeo_core::oauth::token::{self as opaque, Sort};
use habeo_surface::catalogue::public::INVALID_CLIENT;
use habeo_surface::edge::RequestState;
use habeo_surface::limit::Key;
use habeo_surface::{ApiResult, Problem, catalogue};
use percent_encoding::percent_decode_str;
use poem::Request;
use poem::http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::{Choice, ConstantTimeEq as _};

use super::form::{Form, invalid};
use crate::Marketplace;

/// The most characters of what a client calls itself that are looked at.
const ID_CHARS_MAX: usize = 64;

/// An attempt of a client from an address: counted when it begins, and taken back when it succeeds.
#[derive(Debug)]
pub(super) struct Attempt {
    key: Key,
}

/// What a client sends to say who it is.
struct Claim {
    id: String,
    secret: Option<SecretString>,
}

impl Attempt {
    /// Counts an attempt; after ten failures in a minute there is none.
    pub async fn begin(
        request: &Request,
        marketplace: &Marketplace,
        form: &Form,
    ) -> ApiResult<(Self, Claimed)> {
        let state = request.data::<Arc<RequestState>>();
        let state = state.ok_or_else(|| Problem::internal("the route is not behind the edge"))?;
        let claim = claim(request.headers(), form)?;
        let shown: String = claim.id.chars().take(ID_CHARS_MAX).collect();
        let key = Key::new(&shown, state.client_key());
        let report = marketplace.attempts().take(key).await;
        if let Some(seconds) = report.retry_after() {
            return Err(Problem::new(&catalogue::RATE_LIMITED)
                .detail("this client has failed too often from this address")
                .retry_after(seconds));
        }
        Ok((Self { key }, Claimed(claim)))
    }

    /// It succeeded.
    pub async fn succeed(self, marketplace: &Marketplace) {
        marketplace.attempts().refund(self.key).await;
    }
}

/// A client that says who it is.
pub(super) struct Claimed(Claim);

impl Claimed {
    /// The client, if it is known, works, and proved itself in the way it was registered for.
    pub async fn prove(self, marketplace: &Marketplace) -> ApiResult<Client> {
        let Ok(id) = self.0.id.parse::<AppClientId>() else {
            return Err(unknown());
        };
        let (db, now) = (
            marketplace.ledger().db(),
            marketplace.ledger().clock().now(),
        );
        let found = store::find(db, id, now).await?;
        let Some((client, secrets)) = found else {
            return Err(unknown());
        };
        let proved = match (client.proof, &self.0.secret) {
            (Proof::Public, None) => true,
            (Proof::Confidential, Some(secret)) => is_one_of(secret, &secrets),
            _ => false,
        };
        if proved && client.status == Status::Active {
            Ok(client)
        } else {
            Err(unknown())
        }
    }
}

/// Compares with every secret that is accepted; how long it takes tells nothing of which.
fn is_one_of(secret: &SecretString, secrets: &[Secret]) -> bool {
    let known = opaque::read(secret.expose_secret());
    let Some(known) = known.filter(|known| known.sort == Sort::ClientSecret) else {
        return false;
    };
    let matches = secrets.iter().fold(Choice::from(0), |found, secret| {
        found | secret.hash.ct_eq(&known.hash)
    });
    matches.into()
}

fn claim(headers: &HeaderMap, form: &Form) -> ApiResult<Claim> {
    let named = form.get("client_id");
    if form.get("client_secret").is_some() || form.get("client_assertion").is_some() {
        return Err(unknown()
            .detail("a client proves itself by HTTP Basic, or is registered as a public one"));
    }
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        let id = named.ok_or_else(|| unknown().detail("there is no client_id"))?;
        return Ok(Claim {
            id: id.to_owned(),
            secret: None,
        });
    };
    if lines.next().is_some() {
        return Err(invalid("Authorization is sent more than once"));
    }
    let claim = line.to_str().ok().and_then(basic).ok_or_else(unknown)?;
    if named.is_some_and(|named| named != claim.id) {
        return Err(invalid("two different clients are named"));
    }
    Ok(claim)
}

fn basic(line: &str) -> Option<Claim> {
    let (scheme, encoded) = line.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim_matches(' ')).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(Claim {
        id: of_form(id)?,
        secret: Some(of_form(secret)?.into()),
    })
}

fn of_form(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// One answer, whatever was wrong: which clients there are is nobody's business.
fn unknown() -> Problem {
    Problem::new(&INVALID_CLIENT).challenge("Basic realm=\"Habeo\"")
}
