//! Connecting a tenant: an administrator consents at Microsoft, and then one signs in there to show that the tenant is theirs.
//!
//! What comes back from the consent is signed by nobody: anybody can call that address with any tenant. So nothing is bound by it. It only
//! says at which tenant the sign-in that follows is to take place, and the signed answer to that has to name the same one, and a role that
//! decides for it: every member of a tenant can sign in, and some of them can consent.

mod sign_in;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::access::Access;
use habeo_core::id::InstallId;
use habeo_core::install::command::{BeginInstall, Connect, TakeState};
use habeo_core::install::{self, Platform, Workspace};
use habeo_core::ledger::RecordError;
use habeo_core::secret::Place;
use habeo_core::store::StoreError;
use habeo_surface::token::Reason;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use url::Url;

use super::Teams;
use super::app_token::NoToken;
use sign_in::Expected;
pub use sign_in::{SignIn, SignedIn, Standing};

/// Where Microsoft sends the browser back to, below our own address.
pub const CALLBACK_PATH: &str = "/teams/consent/callback";

/// For what consent is asked: whatever the app's registration names.
const CONSENT_SCOPE: &str = "https://graph.microsoft.com/.default";
const SIGN_IN_SCOPE: &str = "openid profile";
/// Between the state that the ledger knows and what belongs to it.
const SEPARATOR: char = '.';
const COLUMN: &str = "teams.sign_in";
/// Bytes of a verifier and of a nonce.
const RANDOM_BYTES: usize = 32;
const CODE_BYTES_MAX: usize = 4_096;
const TENANT_BYTES_MAX: usize = 128;

/// What the browser brought back.
#[derive(Debug)]
pub struct Callback {
    /// What we gave along.
    pub state: SecretString,
    /// Why there is nothing else.
    pub error: Option<String>,
    /// After the consent: the tenant, as anybody may write it.
    pub tenant: Option<String>,
    /// After the consent: whether it was given.
    pub admin_consent: Option<String>,
    /// After the sign-in: what is exchanged for a signed answer.
    pub code: Option<SecretString>,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The tenant is connected.
    Connected(InstallId),
    /// The browser goes on to sign in.
    SignIn(Url),
}

/// Why a tenant is not connected. The texts are for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// They changed their mind at Microsoft.
    #[error("the consent was not given")]
    Denied,
    /// Something else came back than was asked for.
    #[error("Microsoft sent back something else than was asked for; begin again")]
    Incomplete,
    /// Microsoft gave no answer to the sign-in.
    #[error("Microsoft did not complete the sign-in; begin again")]
    Microsoft(#[source] NoToken),
    /// The answer to the sign-in is not good.
    #[error(
        "the sign-in does not show that this tenant is yours; sign in with an account of it that is no guest"
    )]
    NotShown,
    /// Somebody signed in who does not decide for the tenant.
    #[error(
        "you signed in as a member of this tenant, and it takes one of its administrators: a Global, Privileged Role, Application, Cloud Application or Teams Administrator. Begin again, and let one of them consent and sign in"
    )]
    NotAdministrator,
    /// The answer does not say what roles somebody has.
    #[error(
        "Microsoft did not say which roles you have in this tenant, so it is not shown that it is yours to connect. Whoever runs this server has to ask for them: in the Entra admin center open the app's registration, “Token configuration”, “Add groups claim”, choose “Directory roles” and save; then begin again"
    )]
    RolesUntold,
    /// A rule of ours says no.
    #[error(transparent)]
    Refused(#[from] install::Refusal),
    /// The addresses of Microsoft are none.
    #[error("the configured addresses of Microsoft are not addresses")]
    Misconfigured,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RecordError<install::Refusal>> for InstallError {
    fn from(error: RecordError<install::Refusal>) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Refused(refusal),
            RecordError::Store(error) => Self::Store(error),
        }
    }
}

/// What belongs to one sign-in. It travels sealed within the state, so that no node has to remember it.
#[derive(Serialize, Deserialize)]
struct Pending {
    tenant: String,
    verifier: String,
    nonce: String,
}

#[derive(Deserialize)]
struct Exchanged {
    id_token: SecretString,
}

/// Begins to connect a tenant: where to send the administrator's browser.
pub async fn consent_url(
    teams: &Teams,
    access: &Access,
    cookie_hash: Vec<u8>,
) -> Result<Url, InstallError> {
    let state = begin(teams, access, cookie_hash).await?;
    let base = format!(
        "{}/organizations/v2.0/adminconsent",
        teams.settings().login_base
    );
    let redirect = teams.address(CALLBACK_PATH);
    let query = [
        ("client_id", teams.settings().app_id.as_str()),
        ("scope", CONSENT_SCOPE),
        ("redirect_uri", &redirect),
        ("state", state.expose_secret()),
    ];
    Url::parse_with_params(&base, query).map_err(|_| InstallError::Misconfigured)
}

/// Goes on with what the browser brought back. The state is taken first, whatever else came: it works once.
pub async fn complete(
    teams: &Teams,
    access: &Access,
    callback: Callback,
    cookie_hash: Vec<u8>,
) -> Result<Step, InstallError> {
    let text = callback.state.expose_secret();
    let (state, sealed) = match text.split_once(SEPARATOR) {
        Some((state, sealed)) => (state.to_owned(), Some(sealed.to_owned())),
        None => (text.to_owned(), None),
    };
    let take = TakeState {
        platform: Platform::Teams,
        state: SecretString::from(state.clone()),
        cookie_hash: cookie_hash.clone(),
    };
    teams.ledger().record(access, take).await?;
    // Microsoft says `admin_consent=True` beside the error too.
    if let Some(error) = &callback.error {
        let known = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let code: String = error.chars().filter(known).take(64).collect();
        tracing::info!(code, "a tenant's consent or sign-in was not given");
        return Err(InstallError::Denied);
    }
    match sealed {
        None => sign_in_url(teams, access, &callback, cookie_hash).await,
        Some(sealed) => {
            let pending = open(teams, access, &state, &sealed).ok_or(InstallError::Incomplete)?;
            let code = callback.code.ok_or(InstallError::Incomplete)?;
            connect(teams, access, &pending, &code).await
        }
    }
}

async fn begin(
    teams: &Teams,
    access: &Access,
    cookie_hash: Vec<u8>,
) -> Result<SecretString, InstallError> {
    let begin = BeginInstall {
        platform: Platform::Teams,
        cookie_hash,
    };
    Ok(teams.ledger().record(access, begin).await?)
}

/// After the consent: to the sign-in at the tenant that is said to have consented.
async fn sign_in_url(
    teams: &Teams,
    access: &Access,
    callback: &Callback,
    cookie_hash: Vec<u8>,
) -> Result<Step, InstallError> {
    let given = callback.admin_consent.as_deref().unwrap_or_default();
    let tenant = callback
        .tenant
        .as_deref()
        .filter(|tenant| is_tenant(tenant));
    let tenant = tenant.ok_or(InstallError::Incomplete)?.to_ascii_lowercase();
    if !given.eq_ignore_ascii_case("true") {
        return Err(InstallError::Denied);
    }
    let state = begin(teams, access, cookie_hash).await?;
    let pending = Pending {
        verifier: random(teams),
        nonce: random(teams),
        tenant,
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&pending.verifier));
    let sealed = seal(teams, access, state.expose_secret(), &pending)?;
    let state = format!("{}{SEPARATOR}{sealed}", state.expose_secret());
    let base = format!(
        "{}/{}/oauth2/v2.0/authorize",
        teams.settings().login_base,
        pending.tenant
    );
    let redirect = teams.address(CALLBACK_PATH);
    let query = [
        ("client_id", teams.settings().app_id.as_str()),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", &redirect),
        ("scope", SIGN_IN_SCOPE),
        ("state", &state),
        ("nonce", &pending.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = Url::parse_with_params(&base, query).map_err(|_| InstallError::Misconfigured)?;
    Ok(Step::SignIn(url))
}

/// After the sign-in: the tenant that the signed answer names is the organisation's.
async fn connect(
    teams: &Teams,
    access: &Access,
    pending: &Pending,
    code: &SecretString,
) -> Result<Step, InstallError> {
    let token = exchange(teams, pending, code).await?;
    let nonce = SecretString::from(pending.nonce.clone());
    let expected = Expected {
        tenant: &pending.tenant,
        nonce: &nonce,
    };
    let rules = teams
        .0
        .sign_in
        .as_ref()
        .ok_or(InstallError::Misconfigured)?;
    let proved = rules.prove(&token, expected).await;
    let proved = proved.map_err(|reason: Reason| {
        tracing::warn!(
            reason = reason.code(),
            "a sign-in did not show whose tenant it is"
        );
        InstallError::NotShown
    })?;
    match proved.standing {
        Standing::Administrator => {}
        Standing::Member => return Err(InstallError::NotAdministrator),
        Standing::Untold => return Err(InstallError::RolesUntold),
    }
    let app_id = teams.settings().app_id.clone();
    let connect = Connect {
        workspace: Workspace {
            platform: Platform::Teams,
            key: proved.tenant,
        },
        name: proved.name,
        bot_user: format!("28:{app_id}"),
        app_id,
        scopes: Vec::new(),
        tokens: None,
        pending: false,
        master_key: Arc::clone(&teams.common().parts().master_key),
    };
    let install = teams.ledger().record(access, connect).await?;
    Ok(Step::Connected(install))
}

async fn exchange(
    teams: &Teams,
    pending: &Pending,
    code: &SecretString,
) -> Result<SecretString, InstallError> {
    if code.expose_secret().len() > CODE_BYTES_MAX {
        return Err(InstallError::Incomplete);
    }
    let tokens = &teams.0.tokens;
    let url = tokens.token_url(&pending.tenant);
    let mut form = vec![
        ("grant_type", SecretString::from("authorization_code")),
        ("code", code.clone()),
        (
            "redirect_uri",
            SecretString::from(teams.address(CALLBACK_PATH)),
        ),
        (
            "code_verifier",
            SecretString::from(pending.verifier.clone()),
        ),
        ("scope", SecretString::from(SIGN_IN_SCOPE)),
    ];
    form.extend(tokens.client(&url).map_err(InstallError::Microsoft)?);
    let exchanged: Exchanged = tokens
        .post(&url, &form)
        .await
        .map_err(InstallError::Microsoft)?;
    Ok(exchanged.id_token)
}

fn random(teams: &Teams) -> String {
    let mut bytes = [0; RANDOM_BYTES];
    teams.ledger().random().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn place<'a>(access: &Access, state: &'a str) -> Place<'a> {
    Place {
        column: COLUMN,
        org: Some(access.org()),
        row: state.as_bytes(),
    }
}

fn seal(
    teams: &Teams,
    access: &Access,
    state: &str,
    pending: &Pending,
) -> Result<String, InstallError> {
    let text = serde_json::to_vec(pending).map_err(|_| InstallError::Incomplete)?;
    let key = &teams.common().parts().master_key;
    let sealed = key.seal(place(access, state), &text, teams.ledger().random());
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

fn open(teams: &Teams, access: &Access, state: &str, sealed: &str) -> Option<Pending> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let key = &teams.common().parts().master_key;
    let opened = key.open(place(access, state), &bytes).ok()?;
    serde_json::from_slice(opened.expose_secret()).ok()
}

/// What may be part of an address: a GUID, or a domain.
fn is_tenant(text: &str) -> bool {
    (1..=TENANT_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && !matches!(text, "." | "..")
        && !["common", "organizations", "consumers"]
            .iter()
            .any(|every| text.eq_ignore_ascii_case(every))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_parts_of_addresses() {
        assert!(is_tenant("9c1f0d1e-0000-4000-8000-00000000aaaa"));
        for bad in [
            "",
            "..",
            "a/b",
            "a?b",
            "common",
            "Organizations",
            "ä",
            &"a".repeat(129),
        ] {
            assert!(!is_tenant(bad), "{bad}");
        }
    }
}
