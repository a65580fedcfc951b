//! The Teams app manifest (schema 1.19) and the package that an administrator uploads.

use std::io::{Cursor, Write};

use serde_json::Value;
use uuid::Uuid;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{BaseUrl, Refusal, fill};

const TEMPLATE: &str = include_str!("../../../manifests/teams/manifest.json");
/// 192 × 192, in colour.
pub const COLOR: &[u8] = include_bytes!("../../../manifests/teams/color.png");
/// 32 × 32, white on nothing.
pub const OUTLINE: &[u8] = include_bytes!("../../../manifests/teams/outline.png");

/// The id of the command that searches.
pub const COMMAND_SEARCH: &str = "searchAssets";
/// The id of the command that reads a message.
pub const COMMAND_FROM_MESSAGE: &str = "assetFromMessage";

/// Which app is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    base: BaseUrl,
    bot: Uuid,
    id: Uuid,
}

impl App {
    /// The app of a bot (its id in the Azure portal). Its own id is the bot's unless another is given.
    pub fn new(base: BaseUrl, bot: &str, app: Option<&str>) -> Result<Self, Refusal> {
        let guid = |text: &str| text.trim().parse::<Uuid>().map_err(|_| Refusal::BadId);
        let bot = guid(bot)?;
        let app = app.map_or(Ok(bot), guid)?;
        Ok(Self { base, bot, id: app })
    }

    /// The manifest.
    ///
    /// # Panics
    ///
    /// Never: the template is part of the program, and a test reads it.
    #[must_use]
    pub fn manifest(&self) -> Value {
        let template: Value =
            serde_json::from_str(TEMPLATE).expect("the template is JSON, which a test shows");
        let values = [
            ("base_url", self.base.as_str()),
            ("host", self.base.host()),
            ("bot_id", &*self.bot.to_string()),
            ("app_id", &*self.id.to_string()),
            ("version", env!("CARGO_PKG_VERSION")),
        ];
        fill(&template, &values)
    }

    /// The zip that Teams takes: the manifest and its two icons, nothing else, the same bytes for the same app.
    ///
    /// # Panics
    ///
    /// Never: it is written to memory.
    #[must_use]
    pub fn package(&self) -> Vec<u8> {
        let manifest = format!("{:#}\n", self.manifest());
        let files = [
            ("manifest.json", manifest.as_bytes()),
            ("color.png", COLOR),
            ("outline.png", OUTLINE),
        ];
        let mut package = ZipWriter::new(Cursor::new(Vec::new()));
        // No time of day: a file that is made twice is to be the same file.
        let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        let written = files.iter().try_for_each(|(name, bytes)| {
            package.start_file(*name, options)?;
            package.write_all(bytes)?;
            Ok::<_, zip::result::ZipError>(())
        });
        written
            .and_then(|()| package.finish())
            .expect("writing to memory does not fail")
            .into_inner()
    }
}
