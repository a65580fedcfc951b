//! What the visitor is told, and by what.

use std::collections::BTreeMap;

use askama::Template;
use habeo_core::chat_link;
use habeo_core::notice::Sort;
use habeo_core::notice::preference::command::Prefer;
use habeo_core::notice::preference::{Preference, Preferences, store};
use habeo_core::push_device::stop::{self, Stop};
use habeo_core::push_device::{self, Platform};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::failed;
use super::said::Said;
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "notices.html")]
struct Notices {
    frame: Frame,
    said: Option<&'static str>,
    rows: Vec<Row>,
    phones: usize,
    chats: usize,
    stops: Vec<&'static str>,
    form_token: String,
}

/// One sort of notice.
#[derive(Debug)]
struct Row {
    sort: &'static str,
    title: &'static str,
    about: &'static str,
    chat: bool,
    push: bool,
    /// Whether it is told on phones at all.
    on_phones: bool,
}

/// What the visitor wants to be told.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let ledger = &console.parts().ledger;
    let db = ledger.db();
    let stops = stop::stopped(db, ledger.clock().now()).await;
    let mut tx = db.read(access).await.map_err(failed)?;
    let wanted = store::of_person(&mut tx, access, visitor.person()).await;
    let links = chat_link::store::of_person(&mut tx, access, visitor.person()).await;
    let phones = push_device::store::own(&mut tx, access).await;
    let page = Notices {
        frame: Frame::of(console, &visitor, "Notices"),
        said: said.sentence(),
        rows: rows(&wanted.map_err(failed)?),
        phones: phones.map_err(failed)?,
        chats: links.map_err(failed)?.len(),
        stops: stops.map_err(failed)?.iter().map(makers).collect(),
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}

fn rows(wanted: &Preferences) -> Vec<Row> {
    let row = |preference: &Preference| {
        let (title, about) = words(preference.sort);
        Row {
            sort: preference.sort.as_str(),
            title,
            about,
            chat: preference.chat,
            push: preference.push,
            on_phones: preference.sort.is_on_phones(),
        }
    };
    wanted.all().iter().map(row).collect()
}

const fn words(sort: Sort) -> (&'static str, &'static str) {
    match sort {
        Sort::HandedToYou => ("Handed to you", "when something is put into your hands"),
        Sort::DueSoon => (
            "Due back soon",
            "two days before a loan of yours ends, at nine in the morning",
        ),
        Sort::TicketOnYours => (
            "Tickets about what you have",
            "when the help desk opens a ticket about it",
        ),
        Sort::SeenElsewhere => (
            "Scanned elsewhere",
            "when something you have is scanned at another place than the one on record",
        ),
        Sort::Bought => (
            "What you want to be bought",
            "when it is approved or rejected, and when the supplier does not do as it was ordered",
        ),
    }
}

fn makers(stop: &Stop) -> &'static str {
    match stop.platform {
        Platform::Ios => "iPhones",
        Platform::Android => "Android phones",
    }
}

/// The boxes of the form: those that were shown, and those that are ticked.
type Boxes = BTreeMap<String, String>;

/// Takes what the visitor wants.
#[handler]
pub(crate) async fn save(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(boxes): Submitted<Boxes>,
) -> Result<Response> {
    let ledger = &console.parts().ledger;
    let prefer = Prefer {
        wanted: wanted(&boxes),
    };
    ledger
        .record(visitor.access(), prefer)
        .await
        .map_err(failed)?;
    Ok(see_other("/settings/notices?said=notices"))
}

/// What was ticked of what was shown: a page from before a sort of notice was known takes it from nobody.
fn wanted(boxes: &Boxes) -> Vec<Preference> {
    let is_there = |what: &str, sort: Sort| boxes.contains_key(&format!("{what}.{sort}"));
    let shown = Sort::ALL.iter().filter(|sort| is_there("shown", **sort));
    shown
        .map(|sort| Preference {
            sort: *sort,
            chat: is_there("chat", *sort),
            push: is_there("push", *sort),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_shown_is_taken() {
        let boxes: Boxes = [
            "csrf",
            "shown.due_soon",
            "push.due_soon",
            "chat.handed_to_you",
            "shown.junk",
        ]
        .iter()
        .map(|name| ((*name).to_owned(), "on".to_owned()))
        .collect();
        let expected = Preference {
            sort: Sort::DueSoon,
            chat: false,
            push: true,
        };
        assert_eq!(wanted(&boxes), [expected]);
    }
}
