//! The start page: who you are here, and your chat accounts.

use askama::Template;
use habeo_core::chat_link::{self, Linked};
use habeo_core::{install, seat};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::said::Said;
use super::{billing, failed};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    said: Option<&'static str>,
    /// What an administrator has to know of the licence.
    notice: Option<String>,
    links: Vec<Linked>,
    form_token: String,
}

/// The start page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let mut tx = console
        .parts()
        .ledger
        .db()
        .read(access)
        .await
        .map_err(failed)?;
    let links = chat_link::store::of_person(&mut tx, access, visitor.person())
        .await
        .map_err(failed)?;
    let notice = if install::command::may_manage(access) {
        let now = console.parts().ledger.clock().now();
        let standing = seat::store::standing(&mut tx, access, now)
            .await
            .map_err(failed)?;
        standing.as_ref().and_then(billing::notice)
    } else {
        None
    };
    let page = Home {
        notice,
        frame: Frame::of(console, &visitor, "Start"),
        said: said.sentence(),
        links,
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}
