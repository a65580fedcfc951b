//! `habeo export`: whole lists as tables.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::asset::State;
use habeo_core::asset::search::Filter as AssetFilter;
use habeo_core::person::store::Filter as PeopleFilter;
use habeo_core::unit;
use habeo_mobile_api::export::{self, Selection};

use super::import::organization;
use super::terminal::{Out, Progress, say};
use crate::config::Config;
use crate::keys::private_file;
use crate::node::{Node, Purpose};

/// What can be exported. Each export is recorded in the organization's ledger.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Every asset.
    Assets(Assets),
    /// Everybody.
    People(Whole),
    /// Every site.
    Sites(Whole),
    /// Every unit.
    Units(Whole),
}

/// A whole list.
#[derive(Debug, Args)]
pub struct Whole {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long)]
    org: Option<String>,
    /// Into a new file, which only its owner can read; standard output where it is left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Assets.
#[derive(Debug, Args)]
pub struct Assets {
    #[command(flatten)]
    whole: Whole,
    /// Only in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only of the unit with this code and everything below it.
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
}

impl Export {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let ledger = &node.ledger;
        let (whole, narrowed) = match &self {
            Self::Assets(assets) => (&assets.whole, Some(assets)),
            Self::People(whole) | Self::Sites(whole) | Self::Units(whole) => (whole, None),
        };
        let (org, _) = organization(ledger, whole.org.as_deref()).await?;
        let access = Access::system(org, Surface::System);
        let mut filter = AssetFilter {
            state: narrowed.and_then(|assets| assets.state),
            ..AssetFilter::default()
        };
        if let Some(code) = narrowed.and_then(|assets| assets.unit.as_deref()) {
            let mut tx = ledger.db().read(&access).await?;
            let unit = unit::store::by_code(&mut tx, &access, code).await?;
            filter.unit = Some(unit.with_context(|| format!("there is no unit {code}"))?.id);
        }
        let selection = match &self {
            Self::Assets(_) => Selection::Assets(Box::new(filter), None),
            Self::People(_) => Selection::People(PeopleFilter::default()),
            Self::Sites(_) => Selection::Sites,
            Self::Units(_) => Selection::Units,
        };
        let mut file = whole.out.as_deref().map(private_file).transpose()?;
        let mut pieces = export::begin(ledger, &access, selection, u64::MAX).await?;
        let progress = Progress::new("exported (bytes)");
        let mut bytes = 0;
        while let Some(piece) = pieces.recv().await {
            let piece = piece?;
            bytes += piece.len() as u64;
            match &mut file {
                Some(file) => file.write_all(&piece)?,
                None => out.write_all(&piece)?,
            }
            progress.at(bytes, bytes);
        }
        progress.done();
        if let (Some(file), Some(path)) = (file, &whole.out) {
            file.sync_all()?;
            say(out, &format!("{} is written.", path.display()));
        }
        ledger.db().close().await;
        Ok(())
    }
}
