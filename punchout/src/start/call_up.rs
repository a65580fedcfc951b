//! Opening a catalogue that knows no handshake: a form that the browser posts there.

use askama::Template;
use habeo_core::access::Access;
use habeo_core::punchout::command::Started;
use habeo_core::supplier::{self, Supplier};
use poem::Response;
use poem::http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};

use super::{NotStarted, StartPage};
use crate::desk::{Punchout, RETURN_PATH};
use crate::oci::{CallUp, Function};
use crate::page;

/// The version of OCI that is spoken.
const VERSION: &str = "4.0";

/// A form that the browser posts to a shop. Its fields hold what the shop knows us by, which the user sees.
#[derive(Debug, Clone)]
pub struct Form {
    /// What people here call the supplier.
    pub supplier: String,
    /// Where it is posted.
    pub action: String,
    /// Its fields, in their order.
    pub fields: Vec<(String, SecretString)>,
}

/// The page that posts a form: a button, because no script of ours runs on it.
#[derive(Debug, Template)]
#[template(path = "call_up.html")]
struct Page<'a> {
    stylesheet: &'a str,
    supplier: &'a str,
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl Form {
    /// The page. It may post to every address of the web by TLS, and without where the shop itself is reached so: browsers hold whatever a form is
    /// redirected to against the policy as well, and nobody here knows where a shop redirects.
    #[must_use]
    pub fn page(&self, stylesheet: &str) -> Response {
        let fields = self.fields.iter();
        let page = Page {
            stylesheet,
            supplier: &self.supplier,
            action: &self.action,
            fields: fields
                .map(|(name, value)| (name.as_str(), value.expose_secret()))
                .collect(),
        };
        let policy = format!("{}; form-action {}", page::POLICY, self.targets());
        page::html(StatusCode::OK, page.render(), &policy)
    }

    /// Where the policy lets it be posted to.
    fn targets(&self) -> &'static str {
        if is_secure(&self.action) {
            "https:"
        } else {
            "https: http:"
        }
    }
}

fn is_secure(url: &str) -> bool {
    url.to_ascii_lowercase().starts_with("https://")
}

/// The form of a visit. The way back has the visit's key in its path, where shops leave it alone.
pub(super) async fn call_up(
    desk: &Punchout,
    access: &Access,
    supplier: &Supplier,
    started: &Started,
) -> Result<StartPage, NotStarted> {
    let settings = &supplier.settings;
    if !is_secure(&settings.setup_url) && !settings.http_start_page {
        return Err(NotStarted::NotSecure);
    }
    let key = &desk.parts().master_key;
    let mut tx = desk.ledger().db().read(access).await?;
    let login = supplier::store::call_up(&mut tx, access, supplier.id, key).await?;
    drop(tx);
    let plain = login
        .iter()
        .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
    let call_up = CallUp {
        login: plain.collect(),
        hook_field: settings.hook_field.clone(),
        hook_url: desk.url(&format!("{RETURN_PATH}/{}", started.cookie.expose_secret())),
        version: Some(VERSION.to_owned()),
        function: Function::Shop,
    };
    let fields = call_up.fields().into_iter();
    Ok(StartPage::Form(Form {
        supplier: supplier.name.clone(),
        action: settings.setup_url.clone(),
        fields: fields.map(|(name, value)| (name, value.into())).collect(),
    }))
}
