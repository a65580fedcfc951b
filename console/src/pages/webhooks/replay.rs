//! Sending everything of a time once more: first how many that are, and then to do it.

use askama::Template;
use habeo_core::endpoint::Endpoint;
use habeo_core::endpoint::command::{REPLAY_MAX, Replay};
use habeo_core::endpoint::delivery::log;
use habeo_core::time::{DAY_MICROS, HOUR_MICROS, MINUTE_MICROS, Timestamp};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::{ask, find, path, refused};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::failed;
use crate::visitor::{SignedIn, Submitted};

/// How long a time may be: deliveries are kept for thirty days.
const SPAN_MICROS_MAX: i64 = 31 * DAY_MICROS;

#[derive(Debug, Template)]
#[template(path = "webhook_replay.html")]
struct Write {
    frame: Frame,
    id: String,
    url: String,
    entered: Entered,
    fault: Option<String>,
    counted: Option<Counted>,
    form_token: String,
}

/// How many there are.
#[derive(Debug)]
struct Counted {
    count: i64,
    none: bool,
    /// Whether there are more than are sent at once.
    more: bool,
}

/// Which time, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Entered {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// `exhausted`, or everything.
    #[serde(default)]
    which: String,
    /// Whether it is to be done, and not counted only.
    #[serde(default)]
    step: String,
}

impl Entered {
    /// The time that is meant.
    fn span(&self) -> std::result::Result<(Timestamp, Timestamp), String> {
        let at = |text: &str| minute(text);
        let (Some(from), Some(to)) = (at(&self.from), at(&self.to)) else {
            return Err("Write both times like 2026-01-31T09:30, in UTC.".to_owned());
        };
        if from >= to {
            return Err("The end is not after the beginning.".to_owned());
        }
        if to.micros() - from.micros() > SPAN_MICROS_MAX {
            return Err("Choose at most 31 days: what was sent is not kept for longer.".to_owned());
        }
        Ok((from, to))
    }
}

/// A minute as browsers write it, with seconds or without, in UTC.
fn minute(text: &str) -> Option<Timestamp> {
    let text = text.trim().replace(' ', "T");
    let seconds = if text.len() == 16 { ":00" } else { "" };
    format!("{text}{seconds}Z").parse().ok()
}

/// The form, with the last hour in it.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?;
    let now = console.parts().ledger.clock().now();
    let text = |at: Timestamp| at.to_string().get(..16).unwrap_or_default().to_owned();
    let entered = Entered {
        from: text(now.plus_micros(-HOUR_MICROS)),
        to: text(now.plus_micros(MINUTE_MICROS)),
        which: "exhausted".to_owned(),
        step: String::new(),
    };
    let page = page(console, &visitor, &endpoint, entered, Ok(None));
    Ok(page.into_response())
}

/// Counts first, and then does it.
#[handler]
pub(crate) async fn replay(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?;
    let (from, to) = match entered.span() {
        Ok(span) => span,
        Err(fault) => {
            let page = page(console, &visitor, &endpoint, entered, Err(fault));
            let page = page.status(StatusCode::UNPROCESSABLE_ENTITY);
            return Ok(page.into_response());
        }
    };
    let exhausted_only = entered.which == "exhausted";
    if entered.step == "send" {
        let command = Replay {
            endpoint: endpoint.id,
            from,
            to,
            exhausted_only,
            after: None,
        };
        let done = ask(console, &visitor, command).await?;
        done.map_err(|refusal| refused(console, &visitor, refusal))?;
        return Ok(see_other(&format!("{}?said=replaying", path(endpoint.id))));
    }
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let span = (from, to);
    let count = log::count(
        &mut tx,
        access,
        endpoint.id,
        span,
        exhausted_only,
        REPLAY_MAX + 1,
    );
    let count = count.await.map_err(failed)?;
    drop(tx);
    let counted = Counted {
        count: count.min(REPLAY_MAX),
        none: count == 0,
        more: count > REPLAY_MAX,
    };
    let page = page(console, &visitor, &endpoint, entered, Ok(Some(counted)));
    Ok(page.into_response())
}

fn page(
    console: &Console,
    visitor: &SignedIn,
    endpoint: &Endpoint,
    entered: Entered,
    outcome: std::result::Result<Option<Counted>, String>,
) -> Page {
    let (counted, fault) = match outcome {
        Ok(counted) => (counted, None),
        Err(fault) => (None, Some(fault)),
    };
    Page::of(&Write {
        frame: Frame::of(console, visitor, "Endpoint"),
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        entered,
        fault,
        counted,
        form_token: visitor.who().form_token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_browsers_write_them() {
        let at = |text: &str| minute(text).map(|at| at.to_string());
        let half = Some("2026-01-31T09:30:00.000000Z".to_owned());
        for good in [
            "2026-01-31T09:30",
            "2026-01-31 09:30",
            "2026-01-31T09:30:00",
        ] {
            assert_eq!(at(good), half, "{good}");
        }
        for bad in [
            "",
            "2026-01-31",
            "yesterday",
            "2026-02-30T09:30",
            "2026-01-31T09:30Z",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
        let span = |from: &str, to: &str| {
            let entered = Entered {
                from: from.to_owned(),
                to: to.to_owned(),
                ..Entered::default()
            };
            entered.span().is_ok()
        };
        assert!(span("2026-01-31T09:30", "2026-01-31T09:31"));
        assert!(!span("2026-01-31T09:30", "2026-01-31T09:30"));
        assert!(!span("2026-01-31T09:30", "2027-01-31T09:30"));
    }
}
