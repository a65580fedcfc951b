//! Lists of what waits for a decision and of what was decided, page by page.

use std::fmt::Display;
use std::str::FromStr;

use poem::Result;
use serde::Deserialize;

use super::absent;

/// Which part of such a list is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    state: String,
    #[serde(default)]
    before: Option<String>,
}

impl Which {
    /// Whether it is what waits.
    pub fn waiting(&self) -> bool {
        self.state != "decided"
    }

    /// Below which one of the page before; what is no id is not there.
    pub fn before<T: FromStr>(&self) -> Result<Option<T>> {
        let before = self.before.as_deref().map(str::parse).transpose();
        before.map_err(|_| absent())
    }

    /// Where the page behind the lowest of this one is.
    pub fn next(&self, path: &str, lowest: impl Display) -> String {
        let state = if self.waiting() { "" } else { "state=decided&" };
        format!("{path}?{state}before={lowest}")
    }
}
