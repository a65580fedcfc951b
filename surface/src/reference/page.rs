//! The shells of our pages and the files they load.

use std::sync::Arc;

use bytes::Bytes;
use poem::error::NotFoundError;
use poem::{Endpoint, Request, Response, Result};

use super::file::{File, Keep};
use super::problems;
use crate::catalogue::Catalogue;

/// The policy of the reference and its neighbours. Swagger UI brings its own sanitiser, whose policy is the second name.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types default dompurify";

const HTML: &str = "text/html; charset=utf-8";
const REFERENCE: &str = include_str!("assets/reference.html");
const PROBLEMS: &str = include_str!("assets/problems.html");
const VERSION: &str = include_str!(concat!(env!("OUT_DIR"), "/swagger-ui.version"));

macro_rules! built {
    ($name:literal, $content_type:literal) => {
        (
            $name,
            $content_type,
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
        )
    };
}

/// Name, type, compressed content; the build script made them.
const BUILT: [(&str, &str, &[u8]); 5] = [
    built!("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    built!("swagger-ui.css", "text/css; charset=utf-8"),
    built!("swagger-ui-licence.txt", "text/plain; charset=utf-8"),
    built!("reference.css", "text/css; charset=utf-8"),
    built!("init.js", "text/javascript; charset=utf-8"),
];

/// The files that our pages load, each under an address that names its content.
#[derive(Debug)]
pub struct Assets {
    prefix: String,
    files: Vec<Asset>,
}

#[derive(Debug)]
struct Asset {
    name: &'static str,
    /// The last part of its address: the fingerprint and the name.
    address: String,
    file: Arc<File>,
}

impl Assets {
    /// The files for pages under `prefix`.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let asset = |(name, content_type, gzip)| {
            let file = Arc::new(File::from_gzip(gzip, content_type, Keep::Forever));
            Asset {
                name,
                address: format!("{}-{name}", file.fingerprint()),
                file,
            }
        };
        Self {
            prefix: prefix.to_owned(),
            files: BUILT.into_iter().map(asset).collect(),
        }
    }

    /// The interactive reference.
    #[must_use]
    pub fn reference_page(&self) -> File {
        let page = self
            .fill(REFERENCE)
            .replace("{problems}", &format!("{}/problems", self.prefix));
        html(page)
    }

    /// The list of problem codes.
    #[must_use]
    pub fn problems_page(&self, catalogue: &Catalogue) -> File {
        let list = problems::list(catalogue.entries());
        html(self.fill(PROBLEMS).replace("{problems}", &list))
    }

    /// Puts addresses where the shell names a file in braces.
    fn fill(&self, shell: &str) -> String {
        let shell = shell
            .replace("{openapi.json}", &format!("{}/openapi.json", self.prefix))
            .replace("{docs}", &format!("{}/docs", self.prefix))
            .replace("{version}", VERSION);
        self.files.iter().fold(shell, |shell, asset| {
            shell.replace(
                &format!("{{{}}}", asset.name),
                &format!("{}/docs/{}", self.prefix, asset.address),
            )
        })
    }
}

fn html(page: String) -> File {
    File::from_plain(Bytes::from(page), HTML, Keep::Shortly).with_policy(POLICY)
}

/// Answers with the file that the last part of the path names.
#[derive(Debug)]
pub(super) struct AssetEndpoint {
    assets: Arc<Assets>,
}

impl AssetEndpoint {
    pub(super) fn new(assets: Arc<Assets>) -> Self {
        Self { assets }
    }
}

impl Endpoint for AssetEndpoint {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let wanted = request.uri().path().rsplit('/').next().unwrap_or_default();
        let asset = self
            .assets
            .files
            .iter()
            .find(|asset| asset.address == wanted)
            .ok_or(NotFoundError)?;
        Arc::clone(&asset.file).call(request).await
    }
}
