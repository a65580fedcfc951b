//! Wiring: every surface on one endpoint, as the server listens with it and as the tests call it.

use std::pin::Pin;
use std::sync::Arc;

use anyhow::Context as _;
use habeo_bot::slack::courier::SlackCourier;
use habeo_bot::teams::courier::TeamsCourier;
use habeo_bot::{Bot, slack, teams};
use habeo_console::{self as console, Console, SignIn, pages};
use habeo_control::{self as control, Control};
use habeo_core::access::Access;
use habeo_core::asset::search::Filter;
use habeo_core::connection::Provider;
use habeo_core::export::Format;
use habeo_core::inbox::Inbox;
use habeo_core::ledger::{Ledger, trail};
use habeo_core::outbox::lease::Outbox;
use habeo_core::session::Sessions;
use habeo_core::{org, person};
use habeo_delivery::push::{self, PushCourier};
use habeo_delivery::webhook::{self, Webhooks};
use habeo_delivery::{Settings, Worker};
use habeo_egress::{Egress, Lane};
use habeo_marketplace::{self as public, Marketplace};
use habeo_mobile_api::export::Selection;
use habeo_mobile_api::{self as mobile_api};
use habeo_punchout::courier::OrderCourier;
use habeo_punchout::desk::{DOCUMENTS_PATH, Punchout, RETURN_PATH, START_PATH};
use habeo_punchout::documents::door::refused_at_edge;
use habeo_punchout::route as shops;
use habeo_receivers::{clerk, door, stripe, templates};
use habeo_surface::catalogue::Catalogue;
use habeo_surface::conditional::conditional;
use habeo_surface::edge::{self, PUSH_BODY_BYTES_MAX};
use habeo_surface::limit::{Quota, Shared};
use habeo_surface::openapi::{Document, FailureShape, Lift, RouteTable};
use habeo_surface::reference;
use habeo_surface::spelling::Spelling;
use habeo_surface::token::{Authenticator, Issuer, KeySource, Quotas};
use poem::http::{HeaderValue, header};
use poem::{Endpoint, EndpointExt as _, Response, Route, get};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::chat;
use crate::config::Config;
use crate::issuer::{self, SandboxIssuer, Subject};
use crate::marketplace;
use crate::node::Node;
use crate::purchases;
use crate::ready::{self, Readiness};
use crate::reports::Receivers;
use crate::sandbox::personas::Cast;
use crate::stop::Stop;

/// Where the sandbox issuer publishes its keys.
pub const KEY_SET_PATH: &str = "/sandbox/.well-known/jwks.json";

/// Everything a server of this installation answers with.
#[derive(Debug)]
pub struct App {
    /// The opened installation.
    pub node: Node,
    /// The issuer of sandbox tokens, where Clerk is not configured.
    pub sandbox: Option<Arc<SandboxIssuer>>,
    /// Who may come in.
    pub authenticator: Arc<Authenticator>,
    /// The description of `/api/v1`.
    pub document: Arc<Document>,
    /// How far it is on its way out.
    pub stop: Stop,
    /// What answers in chats.
    pub bot: Bot,
    /// The pages for people.
    pub console: Console,
    /// Where other systems report in.
    pub receivers: Receivers,
    /// What apps of the marketplace ask.
    pub marketplace: Marketplace,
    /// The description of `/public/v1`.
    pub public_document: Arc<Document>,
    /// Where programs manage endpoints and emit events.
    pub control: Control,
    /// The description of `/v1`.
    pub control_document: Arc<Document>,
    /// What delivers to endpoints.
    pub webhooks: Webhooks,
    /// What reaches phones.
    pub push: PushCourier,
    /// What speaks with suppliers and their shops.
    pub punchout: Punchout,
    context: mobile_api::Context,
}

impl App {
    /// Puts the parts together.
    pub async fn new(config: &Config, node: Node) -> anyhow::Result<Self> {
        let sandbox = if config.clerk.issuer.is_some() {
            None
        } else {
            let issuer = SandboxIssuer::open(&node.ledger, &node.master_key).await?;
            Some(Arc::new(issuer))
        };
        let mut issuers = clerk_issuer(config)?;
        if let Some(sandbox) = &sandbox {
            issuers.push(sandbox.issuer()?);
        }
        let sessions = Arc::new(Sessions::new(node.ledger.clone()));
        let quotas = Quotas {
            session: Quota {
                rate: config.rates.api_per_minute,
                burst: config.rates.api_burst,
                ..Quota::API_SESSION
            },
            ..Quotas::default()
        };
        let shared = match &config.rates.redis_url {
            Some(url) => {
                let shared = Arc::new(Shared::new(url.expose_secret())?);
                shared.connect().await;
                Some(shared)
            }
            None => None,
        };
        let authenticator = Arc::new(Authenticator::sharing(
            issuers,
            Arc::<Sessions>::clone(&sessions),
            node.ledger.shared_clock(),
            quotas,
            shared.as_ref(),
        ));
        let document = Arc::new(document(&node)?);
        let context = mobile_api::Context::new(node.ledger.clone(), Arc::clone(&node.master_key));
        let inbox = Inbox::new(node.ledger.clone(), Arc::clone(&node.master_key));
        let bot = chat::bot(config, &node, sessions, inbox.clone())?;
        let punchout = purchases::open(config, &node, &bot)?;
        let console = Console::new(console::Parts {
            ledger: node.ledger.clone(),
            authenticator: Arc::clone(&authenticator),
            sign_in: sign_in(config, &node)?,
            tokens: Arc::new(Minted {
                ledger: node.ledger.clone(),
                issuer: sandbox.clone(),
            }),
            addresses: Arc::new(Reachable(bot.common().parts().egress.clone())),
            tables: Arc::new(Tables(context.clone())),
            bot: bot.clone(),
            inbox: inbox.clone(),
            master_key: Arc::clone(&node.master_key),
            templates: Arc::new(Pasted),
            shops: Arc::new(purchases::Entered(punchout.clone())),
            public_url: config.public_url()?,
        });
        let receivers = Receivers::new(config, &node, &bot, &authenticator);
        let egress = bot.common().parts().egress.clone();
        let quota = Quota {
            rate: config.rates.webhooks_per_minute,
            burst: config.rates.webhooks_burst,
            ..control::QUOTA
        };
        let control = Control::new(
            node.ledger.clone(),
            egress.clone(),
            Arc::clone(&node.master_key),
            quota,
            shared.as_ref(),
        );
        let marketplace = marketplace::open(config, &node, &console, egress.clone(), shared)?;
        let public_document = Arc::new(marketplace::document(&marketplace)?);
        let webhooks = Webhooks::new(
            node.ledger.clone(),
            egress,
            Arc::clone(&node.master_key),
            webhook::Settings::default(),
        );
        let push = push_courier(config, &node, &bot)?;
        Ok(Self {
            bot,
            console,
            receivers,
            marketplace,
            public_document,
            control_document: Arc::new(control_document(&control)?),
            control,
            webhooks,
            push,
            punchout,
            context,
            node,
            sandbox,
            authenticator,
            document,
            stop: Stop::default(),
        })
    }

    /// The endpoint that answers every request.
    #[must_use]
    pub fn endpoint(&self, config: &Config) -> impl Endpoint<Output = Response> + use<> {
        let catalogue = Arc::new(Catalogue::complete());
        let service = mobile_api::api(&self.context);
        let api = conditional(service.data(Arc::clone(&self.authenticator)));
        let mut route = Route::new().nest(mobile_api::PREFIX, api);
        route = reference::mount(route, mobile_api::PREFIX, &self.document, &catalogue);
        route = control::mount(route, &self.control);
        route = reference::mount(route, control::PREFIX, &self.control_document, &catalogue);
        let readiness = Readiness::of(self.node.ledger.clone(), self.stop.clone());
        route = self
            .console
            .mount(route)
            .at("/healthz", get(alive))
            .at(ready::PATH, get(readiness));
        route = marketplace::mount(route, &self.marketplace, &self.public_document);
        let mut table = RouteTable::of(&self.document)
            .document(&self.public_document)
            .pages(public::oauth::PAGES)
            .signed(public::oauth::FORMS)
            .pages(public::MANUFACTURING_PATHS)
            .pages([marketplace::DOCUMENT_PATH])
            .document(&self.control_document)
            .pages(reference::paths(mobile_api::PREFIX))
            .pages(reference::paths(control::PREFIX))
            .pages(pages::PATHS.iter().copied())
            .pages(["/healthz", ready::PATH]);
        if let Some(sandbox) = &self.sandbox {
            route = route.at(KEY_SET_PATH, get(key_set(sandbox.key_set())));
            table = table.pages([KEY_SET_PATH]);
        }
        if let Some(slack) = self.bot.slack() {
            route = slack::door::mount(route, slack);
            table = table.signed(slack::door::PATHS);
        }
        route = teams::door::mount(route, &self.bot);
        table = table.signed([teams::door::PATH]);
        route = clerk::mount(route, &self.receivers.clerk);
        route = stripe::mount(route, &self.receivers.stripe);
        table = table.signed([clerk::PATH, stripe::PATH]);
        route = door::mount(route, &self.receivers.reception);
        table = table.signed(door::PATHS);
        route = shops::mount(route, &self.punchout, &self.authenticator);
        table = shops::listed(table);
        let documents_max = purchases::body_bytes_max(config);
        let mut settings = edge::Settings::new(
            self.node.ledger.shared_clock(),
            self.node.ledger.shared_random(),
            catalogue,
        )
        .routes(table)
        .body_limit(
            format!("{}/push/register", mobile_api::PREFIX),
            PUSH_BODY_BYTES_MAX,
        )
        .body_limit("/oauth/*", public::oauth::FORM_BYTES_MAX)
        .spelling(public::PREFIX, Spelling::Plain)
        .spelling("/oauth", Spelling::OAuth)
        .spelling(control::PREFIX, Spelling::Control)
        .spelling(DOCUMENTS_PATH, Spelling::Own(refused_at_edge))
        .body_limit(
            format!("{}/events", control::PREFIX),
            control::EVENT_BYTES_MAX,
        )
        .body_limit(
            format!("{}/push/preferences", mobile_api::PREFIX),
            PUSH_BODY_BYTES_MAX,
        )
        .body_limit(habeo_console::UPLOAD_PATHS, habeo_console::UPLOAD_BYTES_MAX)
        .body_limit("/slack/*", slack::door::BODY_BYTES_MAX)
        .body_limit(teams::door::PATH, teams::door::BODY_BYTES_MAX)
        .body_limit(clerk::PATH, clerk::BODY_BYTES_MAX)
        .body_limit(stripe::PATH, stripe::BODY_BYTES_MAX)
        .body_limit(door::MDM_PATH, door::MDM_BYTES_MAX)
        .body_limit("/api/webhooks/itsm/*", door::ITSM_BYTES_MAX)
        .body_limit(RETURN_PATH, documents_max)
        .body_limit(format!("{RETURN_PATH}/*"), documents_max)
        .body_limit(format!("{DOCUMENTS_PATH}/*"), documents_max)
        .patient(START_PATH, shops::START_TIMEOUT)
        .patient("/procurement/shop", shops::START_TIMEOUT)
        .patient("/procurement/requisitions/{id}/shop", shops::START_TIMEOUT)
        .patient("/admin/suppliers/{id}/test", shops::START_TIMEOUT)
        .trusted_proxies(config.http.trusted_proxies.clone())
        .origins(origins(config))
        .watched(["/healthz", ready::PATH]);
        if config
            .http
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
        {
            settings = settings.https();
        }
        edge::edge(route, settings)
    }

    /// What delivers the parcels of the outbox. A surface that has a courier gives it here; a parcel is only ever put there for a recipient
    /// of such a surface.
    #[must_use]
    pub fn worker(&self) -> Worker {
        let worker = Worker::new(Outbox::new(self.node.ledger.clone()), Settings::default())
            .courier(self.push.clone())
            .courier(OrderCourier::new(self.punchout.clone()));
        let worker = match self.bot.slack() {
            Some(slack) => worker.courier(SlackCourier::new(slack.clone())),
            None => worker,
        };
        let worker = match self.bot.teams() {
            Some(teams) => worker.courier(TeamsCourier::new(teams.clone())),
            None => worker,
        };
        match &self.receivers.meter {
            Some(meter) => worker.courier(meter.clone()),
            None => worker,
        }
    }
}

/// The courier of phones, through the same guarded client as everything else that leaves.
fn push_courier(config: &Config, node: &Node, bot: &Bot) -> anyhow::Result<PushCourier> {
    let parts = bot.common().parts();
    let expo = &config.expo;
    let service = push::Expo::at(
        parts.egress.clone(),
        &expo.base_url,
        expo.access_token.clone(),
    );
    let service = service.context(
        "HABEO_EXPO_BASE_URL is no address that may be asked: https, or http and listed in HABEO_ALLOW_PRIVATE_HOSTS",
    )?;
    let parts = push::Parts {
        ledger: node.ledger.clone(),
        sessions: Arc::clone(&parts.sessions),
        master_key: Arc::clone(&node.master_key),
        rate: push::RATE_DEFAULT,
    };
    Ok(PushCourier::new(parts, service))
}

/// Lists as the API exports them: as many at once, recorded alike.
#[derive(Debug)]
struct Tables(mobile_api::Context);

impl console::Tables for Tables {
    fn assets<'a>(
        &'a self,
        access: &'a Access,
        filter: Filter,
        words: Option<String>,
    ) -> Pin<Box<dyn Future<Output = poem::Result<Response>> + Send + 'a>> {
        Box::pin(async move {
            let selection = Selection::Assets(Box::new(filter), words);
            Ok(self.0.table(access, selection).await?)
        })
    }

    fn ledger<'a>(
        &'a self,
        access: &'a Access,
        filter: trail::Filter,
        format: Format,
    ) -> Pin<Box<dyn Future<Output = poem::Result<Response>> + Send + 'a>> {
        Box::pin(async move {
            let selection = Selection::Ledger(Box::new(filter), format);
            Ok(self.0.table(access, selection).await?)
        })
    }
}

/// Session tokens of the sandbox issuer, where it issues them, for people whom it knows.
#[derive(Debug)]
struct Minted {
    ledger: Ledger,
    issuer: Option<Arc<SandboxIssuer>>,
}

impl Minted {
    async fn make(&self, access: &Access) -> anyhow::Result<Option<SecretString>> {
        let (Some(issuer), Some(person)) = (&self.issuer, access.person()) else {
            return Ok(None);
        };
        let mut tx = self.ledger.db().read(access).await?;
        let slug = org::store::own(&mut tx, access).await?.slug;
        let subject = person::store::subject(&mut tx, access, person, issuer::ISSUER).await?;
        drop(tx);
        let Some(subject) = subject else {
            return Ok(None);
        };
        let organization = issuer::external_id(&slug);
        let subject = Subject {
            subject: &subject,
            organization: &organization,
            slug: &slug,
            admin: false,
        };
        let now = self.ledger.clock().now();
        let token = issuer.token(subject, now, self.ledger.random())?;
        Ok(Some(token.into()))
    }
}

impl console::Tokens for Minted {
    fn mint<'a>(
        &'a self,
        access: &'a Access,
    ) -> Pin<Box<dyn Future<Output = Result<Option<SecretString>, console::Unminted>> + Send + 'a>>
    {
        Box::pin(async move {
            let made = self.make(access).await;
            made.map_err(|error| console::Unminted(format!("{error:#}")))
        })
    }
}

/// What may be reached of the addresses that others choose, by the rules of the guarded client.
#[derive(Debug)]
struct Reachable(Egress);

impl console::Addresses for Reachable {
    fn check<'a>(
        &'a self,
        access: &'a Access,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async move {
            let target = self
                .0
                .target_to_save(Lane::Organization(access.org()), url)
                .await;
            target
                .map(|_| url.to_owned())
                .map_err(|refusal| refusal.to_string())
        })
    }
}

/// What administrators paste into the systems that they connect.
#[derive(Debug, Clone, Copy)]
pub struct Pasted;

impl console::Templates for Pasted {
    fn of(&self, provider: Provider, url: &str, secret: &str) -> Vec<console::Template> {
        let texts = templates::of(provider, url, secret).into_iter();
        texts
            .map(|template| console::Template {
                title: template.title.to_owned(),
                text: template.text,
            })
            .collect()
    }
}

/// The description of `/api/v1`, which depends on nothing but the program.
pub fn document(node: &Node) -> anyhow::Result<Document> {
    let context = mobile_api::Context::new(node.ledger.clone(), Arc::clone(&node.master_key));
    let lift = Lift {
        public: &[],
        failure: FailureShape::problem(),
    };
    Ok(Document::lift(&mobile_api::api(&context).spec(), &lift)?)
}

/// How people sign in to the console: with Clerk where it is configured, and otherwise as somebody of the sandbox.
fn sign_in(config: &Config, node: &Node) -> anyhow::Result<SignIn> {
    let clerk = &config.clerk;
    Ok(match (&clerk.frontend_url, &clerk.issuer) {
        (Some(url), Some(_)) | (None, Some(url)) => SignIn::Clerk {
            frontend: url
                .parse()
                .context("clerk.frontend_url, by default clerk.issuer, is no address")?,
        },
        (_, None) => SignIn::Sandbox(Arc::new(Cast::of(node.ledger.clone()))),
    })
}

/// The description of `/v1`, with what is delivered.
pub fn control_document(control: &Control) -> anyhow::Result<Document> {
    let lift = Lift {
        public: &[],
        failure: control::failures(),
    };
    let document = Document::lift(&control::api(control).spec(), &lift)?;
    Ok(document.with_webhooks(control::webhooks())?)
}

fn clerk_issuer(config: &Config) -> anyhow::Result<Vec<Issuer>> {
    let clerk = &config.clerk;
    let Some(name) = &clerk.issuer else {
        return Ok(Vec::new());
    };
    let keys = match (&clerk.jwt_key, &clerk.jwks_url) {
        (Some(pem), _) => KeySource::pem(pem)?,
        (None, Some(url)) => KeySource::jwks(url)?,
        (None, None) => KeySource::jwks(&format!("{name}/.well-known/jwks.json"))?,
    };
    let mut issuer = Issuer::new(name.clone(), keys);
    issuer
        .authorized_parties
        .clone_from(&clerk.authorized_parties);
    issuer.allow_missing_azp = clerk.allow_missing_azp;
    issuer.skew_seconds = clerk.clock_skew_seconds;
    Ok(vec![issuer])
}

/// As browsers send them. What is no header value was refused with the configuration.
fn origins(config: &Config) -> Vec<HeaderValue> {
    let origins = &config.http.allowed_origins;
    origins
        .iter()
        .filter_map(|origin| HeaderValue::try_from(origin).ok())
        .collect()
}

#[poem::handler]
fn alive() -> &'static str {
    "ok"
}

/// Public keys may be kept by whoever asks, for as long as a verifier keeps them.
fn key_set(keys: &Value) -> impl Endpoint<Output = Response> + use<> {
    let body = keys.to_string();
    poem::endpoint::make_sync(move |_| {
        Response::builder()
            .content_type("application/json")
            .header(header::CACHE_CONTROL, "public, max-age=3600")
            .body(body.clone())
    })
}
