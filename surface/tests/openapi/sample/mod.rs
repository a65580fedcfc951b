//! A service with every construct of poem-openapi that the lifter translates. It also answers, so that a browser and a
//! generated client can use it.
#![expect(
    clippy::unused_async,
    reason = "poem's operations are async, whatever they do"
)]
#![expect(clippy::large_enum_variant, reason = "poem's answers cannot be boxed")]

pub mod views;

use std::sync::Arc;

use habeo_core::random::SystemRandom;
use habeo_core::time::SystemClock;
use habeo_surface::catalogue::Catalogue;
use habeo_surface::edge::{RequestState, Settings, edge};
use habeo_surface::openapi::{Document, FailureShape, Lift, RouteTable};
use habeo_surface::reference;
use poem::{Endpoint, Request, Response, Route};
use poem_openapi::auth::Bearer;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{Binary, Json, PlainText};
use poem_openapi::{
    ApiResponse, OAuthScopes, OpenApi, OpenApiService, SecurityScheme, Tags, Webhook,
};

use self::views::{Asset, AssetEnvelope, AssetPage, Form, Me, MeEnvelope, Meta, State, asset};

const PREFIX: &str = "/api/v1";
const ASSETS: u32 = 60;
const CURL: &str = "curl -d @asset.json …";

#[derive(Tags)]
enum Topic {
    /// Things and where they are.
    Assets,
    /// Who is asking.
    Callers,
}

/// A session token.
#[derive(SecurityScheme)]
#[oai(
    ty = "bearer",
    rename = "Session",
    bearer_format = "JWT",
    checker = "believe"
)]
struct Session(());

/// Believes every token, and holds the query of whoever has one against the table.
async fn believe(request: &Request, _: Bearer) -> poem::Result<()> {
    let state = request.data::<Arc<RequestState>>();
    state.map_or(Ok(()), |state| state.refuse_faulty_query())?;
    Ok(())
}

#[derive(OAuthScopes)]
#[expect(dead_code, reason = "only the document mentions it")]
enum Scopes {
    /// Read assets.
    #[oai(rename = "assets:read")]
    AssetsRead,
}

/// An installed application.
#[derive(SecurityScheme)]
#[oai(
    ty = "oauth2",
    rename = "Install",
    flows(client_credentials(token_url = "https://example.org/oauth/token"))
)]
struct Install(#[expect(dead_code, reason = "the sample believes every token")] Bearer);

#[derive(ApiResponse)]
enum Found {
    #[oai(status = 200)]
    Page(
        Json<AssetPage>,
        /// Identifies this page.
        #[oai(header = "ETag")]
        String,
    ),
    #[oai(status = 304)]
    Unchanged,
}

#[derive(ApiResponse)]
enum Single {
    #[oai(status = 200)]
    Asset(Json<AssetEnvelope>),
    #[oai(status = 404)]
    Missing,
}

struct Assets;

#[OpenApi(tag = "Topic::Assets")]
impl Assets {
    /// The assets you may see
    ///
    /// In a stable order, a page at a time.
    #[oai(path = "/assets", method = "get", operation_id = "listAssets")]
    async fn list(
        &self,
        _session: Session,
        /// How many at most.
        #[oai(
            validator(minimum(value = "1"), maximum(value = "100")),
            default = "default_limit"
        )]
        limit: Query<u32>,
        /// Where the page begins.
        cursor: Query<Option<String>>,
        /// Only in these states.
        state: Query<Vec<State>>,
        /// Only what differs from this.
        #[oai(name = "If-None-Match")]
        known: Header<Option<String>>,
    ) -> Found {
        if known.0.is_some() {
            return Found::Unchanged;
        }
        let start = cursor.0.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let end = (start + limit.0).min(ASSETS);
        let wanted = |asset: &Asset| state.is_empty() || state.contains(&asset.state);
        let data = (start..end).map(asset).filter(wanted).collect();
        let next_cursor = (end < ASSETS).then(|| end.to_string());
        Found::Page(
            Json(AssetPage {
                data,
                meta: Meta {
                    next_cursor: next_cursor.into(),
                },
            }),
            "\"sample\"".into(),
        )
    }

    /// One asset
    #[oai(path = "/assets/:id", method = "get", operation_id = "getAsset")]
    async fn get(&self, _session: Session, id: Path<String>) -> Single {
        match id.0.parse() {
            Ok(number) if number < ASSETS => Single::Asset(Json(AssetEnvelope {
                data: asset(number),
            })),
            _ => Single::Missing,
        }
    }

    /// Its picture
    #[oai(
        path = "/assets/:id/picture",
        method = "get",
        operation_id = "getPicture"
    )]
    async fn picture(&self, _install: Install, id: Path<String>) -> Binary<Vec<u8>> {
        Binary(id.0.into_bytes())
    }
}

/// A second struct on a path of the first.
struct Uploads;

#[OpenApi(tag = "Topic::Assets")]
impl Uploads {
    /// Registers an asset
    #[oai(
        path = "/assets",
        method = "post",
        operation_id = "createAsset",
        code_sample(lang = "Shell", label = "curl", source = "CURL")
    )]
    async fn create(&self, _session: Session, body: Json<Asset>) -> Json<AssetEnvelope> {
        Json(AssetEnvelope { data: body.0 })
    }

    /// Attaches a file
    #[oai(
        path = "/assets/:id/files",
        method = "post",
        operation_id = "attachFile"
    )]
    async fn attach(&self, _session: Session, id: Path<String>, form: Form) -> PlainText<String> {
        PlainText(format!(
            "{}: {} with {} bytes",
            id.0,
            form.note,
            form.file.size()
        ))
    }
}

struct Callers;

#[OpenApi(tag = "Topic::Callers")]
impl Callers {
    /// The caller
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, _session: Session) -> Json<MeEnvelope> {
        Json(MeEnvelope {
            data: Me { name: "Ada".into() },
        })
    }

    /// Whether the service answers
    #[oai(path = "/ping", method = "get", operation_id = "ping")]
    async fn ping(&self) -> PlainText<&'static str> {
        PlainText("pong")
    }
}

#[Webhook(tag = "Topic::Assets")]
trait Hooks {
    /// An asset was registered
    #[oai(
        name = "asset.registered",
        method = "post",
        operation_id = "onAssetRegistered"
    )]
    #[expect(dead_code, reason = "the receiver implements it")]
    fn registered(&self, body: Json<Asset>);
}

fn default_limit() -> u32 {
    25
}

type Service = OpenApiService<(Assets, Uploads, Callers), &'static dyn Hooks>;

fn service() -> Service {
    OpenApiService::new((Assets, Uploads, Callers), "Habeo sample", "1.0.0")
        .description("What the lifter has to translate, in one small service.")
        .webhooks::<&dyn Hooks>()
        .url_prefix(PREFIX)
}

fn lift() -> Lift<'static> {
    Lift {
        public: &["ping"],
        failure: FailureShape::problem(),
    }
}

pub fn document() -> Document {
    Document::lift(&service().spec(), &lift()).expect("the sample is fit to publish")
}

/// Every route of the sample that is known.
pub fn table() -> RouteTable {
    RouteTable::of(&document()).pages(reference::paths(PREFIX))
}

/// The sample as a server mounts a surface.
pub fn app() -> impl Endpoint<Output = Response> {
    let catalogue = Arc::new(Catalogue::complete());
    let route = Route::new().nest(PREFIX, service());
    let route = reference::mount(route, PREFIX, &document(), &catalogue);
    let settings = Settings::new(Arc::new(SystemClock), Arc::new(SystemRandom), catalogue);
    edge(route, settings.routes(table()))
}
