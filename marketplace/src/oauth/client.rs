//! Which client asks at the endpoints that apps call themselves, and how it proves it.
//!
//! A confidential client sends its id and its secret as RFC 7617 has it, each encoded as in a form (RFC 6749, section 2.3.1); a public one sends its
//! id as a parameter. A client that was registered for the one way is not taken by the other.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::app_client::{Client, Proof, Secret, Status, store};
use habeo_core::id::{AppClientId, OrgId};
use habeo_core::oauth::token::{self as opaque, Sort};
use habeo_surface::catalogue::public::INVALID_CLIENT;
use habeo_surface::edge::RequestState;
use habeo_surface::limit::{Key, RateReport};
use habeo_surface::{ApiResult, Problem, catalogue};
use percent_encoding::percent_decode_str;
use poem::Request;
use poem::http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::{Choice, ConstantTimeEq as _};

use super::form::{Form, invalid};
use crate::Marketplace;

/// What a client sends to say who it is.
struct Claim {
    id: String,
    secret: Option<SecretString>,
}

/// A client that has proved itself, and from where it asks.
#[derive(Debug)]
pub(super) struct Proved {
    /// Which.
    pub client: Client,
    /// Its address.
    address: String,
}

/// Why there is no client.
enum Unproved {
    /// It is not the client that it says it is, or none.
    No(Problem),
    /// It could not be found out.
    Fault(Problem),
}

/// The client that asks, if it proves itself. Only proofs that fail are counted. After ten in a minute a client is not listened to from that
/// address; whoever fails under many names is told after thirty to wait, and keeps nobody else at the address from proving themselves. What a
/// client does once it has proved itself is no failure.
pub(super) async fn prove(
    request: &Request,
    marketplace: &Marketplace,
    form: &Form,
) -> ApiResult<Proved> {
    let state = request.data::<Arc<RequestState>>();
    let state = state.ok_or_else(|| Problem::internal("the route is not behind the edge"))?;
    let address = state.client_key().to_owned();
    let by_address = Key::new("", &address);
    let claim = match claim(request.headers(), form) {
        Ok(claim) => claim,
        Err(Unproved::Fault(problem)) => return Err(problem),
        Err(Unproved::No(problem)) => {
            waits(marketplace.failures().take(by_address).await)?;
            return Err(problem);
        }
    };
    // A name that is none needs no key of its own: whoever makes them up is counted by address.
    let id = claim.id.parse::<AppClientId>().ok();
    let by_client = id.map(|id| Key::new(&id.to_string(), &address));
    let attempts = marketplace.attempts();
    if let Some(key) = by_client {
        waits(attempts.look(key).await)?;
    }
    let found = match id {
        Some(id) => known(id, &claim, marketplace).await?,
        None => None,
    };
    if let Some(client) = found {
        return Ok(Proved { client, address });
    }
    if let Some(key) = by_client {
        attempts.take(key).await;
    }
    waits(marketplace.failures().take(by_address).await)?;
    Err(unknown())
}

impl Proved {
    /// By what its denials are counted in an organisation; in none where what it presents is not known.
    pub fn denials(&self, org: Option<OrgId>) -> Key {
        let org = org.map(|org| org.to_string()).unwrap_or_default();
        Key::new(&org, &format!("{}/{}", self.client.id, self.address))
    }
}

/// Whether one more is taken, of which a failure would be counted.
pub(super) fn waits(report: RateReport) -> ApiResult<()> {
    match report.retry_after() {
        None => Ok(()),
        Some(seconds) => Err(Problem::new(&catalogue::RATE_LIMITED)
            .detail("this client has failed too often from this address")
            .retry_after(seconds)),
    }
}

/// The client, if it is known, works, and proved itself in the way it was registered for.
async fn known(
    id: AppClientId,
    claim: &Claim,
    marketplace: &Marketplace,
) -> ApiResult<Option<Client>> {
    let (db, now) = (
        marketplace.ledger().db(),
        marketplace.ledger().clock().now(),
    );
    let found = store::find(db, id, now).await?;
    let Some((client, secrets)) = found else {
        return Ok(None);
    };
    let proved = match (client.proof, &claim.secret) {
        (Proof::Public, None) => true,
        (Proof::Confidential, Some(secret)) => is_one_of(secret, &secrets),
        _ => false,
    };
    Ok(Some(client).filter(|client| proved && client.status == Status::Active))
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

fn claim(headers: &HeaderMap, form: &Form) -> Result<Claim, Unproved> {
    let no = |problem| Err(Unproved::No(problem));
    let named = form.get("client_id");
    if form.get("client_secret").is_some() || form.get("client_assertion").is_some() {
        return no(unknown()
            .detail("a client proves itself by HTTP Basic, or is registered as a public one"));
    }
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        let Some(id) = named else {
            return no(unknown().detail("there is no client_id"));
        };
        return Ok(Claim {
            id: id.to_owned(),
            secret: None,
        });
    };
    if lines.next().is_some() {
        let why = "Authorization is sent more than once";
        return Err(Unproved::Fault(invalid(why)));
    }
    let Some(claim) = line.to_str().ok().and_then(basic) else {
        return no(unknown());
    };
    if named.is_some_and(|named| named != claim.id) {
        return Err(Unproved::Fault(invalid("two different clients are named")));
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
