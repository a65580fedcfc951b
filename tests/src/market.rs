//! An app of the marketplace: registered, installed by somebody in a tab, and with tokens.

use habeo_core::access::Role;
use habeo_core::app;
use habeo_core::app_client::command::RegisterClient;
use habeo_core::app_client::{Form, Proof, Scope, Scopes, Settings};
use habeo_core::id::{AppClientId, UnitId};
use poem::http::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use url::Url;

use crate::app::{Answer, TestApp};
use crate::builders::{College, Member};
use crate::must;
use crate::tab::{Tab, hidden};

/// Where apps of tests are answered.
pub const REDIRECT: &str = "https://app.example/callback?tenant=1";
/// The verifier of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Every scope.
pub const ALL: &str =
    "assets:read people:read sites:read tickets:read webhooks:read webhooks:write";

/// A registered app.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its client id.
    pub id: AppClientId,
    /// Its secret, if it can keep one.
    pub secret: Option<String>,
}

/// A pair of tokens, and whose they are.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The token of requests.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// The whole answer.
    pub answer: Value,
}

/// What an app is registered as, where a test says nothing else.
#[must_use]
pub fn registration(name: &str, proof: Proof, scopes: &str) -> RegisterClient {
    RegisterClient {
        name: name.to_owned(),
        kind: app::Kind::Marketplace,
        form: Form::Web,
        proof,
        settings: Settings {
            publisher: "Example Press".to_owned(),
            website: Some("https://app.example/".to_owned()),
            color: "#1f6feb".to_owned(),
            initials: "EX".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned(), "https://app.example/other".to_owned()],
            scopes: must(scopes.parse::<Scopes>()),
        },
        rate_per_minute: None,
    }
}

impl Client {
    /// Registers an app of this college for every scope.
    pub async fn of(college: &College, proof: Proof) -> Self {
        Self::register(college, registration("Shelf", proof, ALL)).await
    }

    /// Registers an app.
    pub async fn register(college: &College, new: RegisterClient) -> Self {
        let registered = must(college.db.ledger.record(&college.access, new).await);
        Self {
            id: registered.client,
            secret: registered
                .secret
                .map(|secret| secret.expose_secret().to_owned()),
        }
    }

    /// The address to which the app sends its user, with these parameters in the place of, or beside, the usual ones; an empty one is left out.
    #[must_use]
    pub fn authorize(&self, other: &[(&str, &str)]) -> String {
        let id = self.id.to_string();
        let usual = [
            ("client_id", id.as_str()),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", ALL),
            ("state", "a b&c"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual
            .into_iter()
            .filter(|(name, _)| other.iter().all(|(known, _)| known != name));
        let said = other.iter().copied().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.chain(said))
            .finish();
        format!("/oauth/authorize?{query}")
    }

    /// The value of `Authorization` with which it proves itself.
    #[must_use]
    pub fn basic(&self) -> String {
        self.basic_with(self.secret.as_deref().unwrap_or_default())
    }

    /// The same with another secret.
    #[must_use]
    pub fn basic_with(&self, secret: &str) -> String {
        use base64::Engine as _;
        let pair = format!("{}:{secret}", self.id);
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    }

    /// Sends a form to an endpoint that apps call themselves, and proves itself.
    pub async fn send(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
        let id = self.id.to_string();
        if self.secret.is_some() {
            return post(app, path, fields, Some(&self.basic())).await;
        }
        let mut all = fields.to_vec();
        all.push(("client_id", &id));
        post(app, path, &all, None).await
    }

    /// Exchanges a code.
    pub async fn exchange(&self, app: &TestApp, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.send(app, "/oauth/token", &fields).await
    }

    /// Renews tokens.
    pub async fn refresh(&self, app: &TestApp, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.send(app, "/oauth/token", &fields).await
    }

    /// Has it installed for a unit by a member, and gets its tokens.
    pub async fn install(&self, app: &TestApp, member: &Member, unit: UnitId) -> Tokens {
        self.install_with(app, member, unit, ALL).await
    }

    /// The same with these scopes.
    pub async fn install_with(
        &self,
        app: &TestApp,
        member: &Member,
        unit: UnitId,
        scopes: &str,
    ) -> Tokens {
        let mut tab = Tab::of(app, member).await;
        let code = self.consent(&mut tab, unit, &[("scope", scopes)]).await;
        Tokens::of(&self.exchange(app, &code).await)
    }

    /// Consents in a tab, and gives the code.
    pub async fn consent(&self, tab: &mut Tab<'_>, unit: UnitId, other: &[(&str, &str)]) -> String {
        let led = self.decide(tab, &unit.to_string(), "allow", other).await;
        must(query(&led, "code").ok_or(led))
    }

    /// Goes through the page of consent, and gives where it leads.
    ///
    /// # Panics
    ///
    /// When there is no such page, or it leads nowhere.
    pub async fn decide(
        &self,
        tab: &mut Tab<'_>,
        unit: &str,
        decision: &str,
        other: &[(&str, &str)],
    ) -> String {
        let led = tab.get(&self.authorize(other)).await;
        let page = must(led.header("location").ok_or(led.text())).to_owned();
        let shown = tab.get(&page).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
        let request = must(hidden(&shown.text(), "request").ok_or("no request"));
        let fields = [
            ("request", request.as_str()),
            ("unit", unit),
            ("decision", decision),
        ];
        let answer = tab.post("/oauth/consent", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        must(answer.header("location").ok_or("nowhere")).to_owned()
    }
}

impl Tokens {
    /// Those of an answer that has to be a success.
    #[expect(
        clippy::must_use_candidate,
        reason = "the success itself is what many tests ask for"
    )]
    pub fn of(answer: &Answer) -> Self {
        let answer = answer.ok();
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            answer: answer.clone(),
        }
    }

    /// An address of their own tenant.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        let text = |name: &str| self.answer[name].as_str().unwrap_or_default();
        format!(
            "/public/v1/orgs/{}/entities/{}/{rest}",
            text("org_id"),
            text("entity_id")
        )
    }
}

/// Sends a form.
pub async fn post(
    app: &TestApp,
    path: &str,
    fields: &[(&str, &str)],
    authorization: Option<&str>,
) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut call = app
        .post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    if let Some(authorization) = authorization {
        call = call.header("authorization", authorization);
    }
    call.send().await
}

/// A parameter of an address.
#[must_use]
pub fn query(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(known, _)| known == name)?;
    Some(value.into_owned())
}

/// An administrator of the whole college.
pub async fn admin(college: &College) -> Member {
    let root = college.units.root;
    let roles = [(Role::OrgAdmin, root)];
    college.member("Robin Example", root, &roles).await
}

/// The names of all scopes, to loop over.
pub fn scopes() -> impl Iterator<Item = Scope> {
    Scope::ALL.iter().copied()
}
