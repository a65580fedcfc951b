//! The files that pages load, each under an address that names its content.

use std::sync::Arc;

use bytes::Bytes;
use habeo_surface::reference::{File, Keep};
use poem::error::NotFoundError;
use poem::{Endpoint, Request, Response, Result};

/// Where they are.
pub(crate) const PREFIX: &str = "/console";

const STYLE: &str = include_str!("../assets/console.css");
const SIGN_IN: &str = include_str!("../assets/sign-in.js");
const COPY: &str = include_str!("../assets/copy.js");
const SCAN: &str = include_str!("../assets/scan.js");

/// Every file of the console.
#[derive(Debug, Clone)]
pub struct Assets(Arc<[Asset; 4]>);

#[derive(Debug)]
struct Asset {
    address: String,
    file: File,
}

impl Assets {
    pub(crate) fn new() -> Self {
        let asset = |name: &str, text: &'static str, content_type| {
            let bytes = Bytes::from_static(text.as_bytes());
            let file = File::from_plain(bytes, content_type, Keep::Forever);
            Asset {
                address: format!("{PREFIX}/{}-{name}", file.fingerprint()),
                file,
            }
        };
        Self(Arc::new([
            asset("console.css", STYLE, "text/css; charset=utf-8"),
            asset("sign-in.js", SIGN_IN, "text/javascript; charset=utf-8"),
            asset("copy.js", COPY, "text/javascript; charset=utf-8"),
            asset("scan.js", SCAN, "text/javascript; charset=utf-8"),
        ]))
    }

    /// The address of the style sheet.
    pub(crate) fn css(&self) -> String {
        self.0[0].address.clone()
    }

    /// The address of the script that takes an issuer's token to us.
    pub(crate) fn sign_in(&self) -> String {
        self.0[1].address.clone()
    }

    /// The address of the script that copies what a field holds. Without it the field is marked and copied by hand.
    pub(crate) fn copy(&self) -> String {
        self.0[2].address.clone()
    }

    /// The address of the script that leads a scanner from field to field. Without it the server asks for what is missing.
    pub(crate) fn scan(&self) -> String {
        self.0[3].address.clone()
    }
}

impl Endpoint for Assets {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        let asset = self.0.iter().find(|asset| asset.address == path);
        asset.ok_or(NotFoundError)?.file.call(request).await
    }
}
