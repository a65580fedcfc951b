//! What a vendor's directory wants to link to: what the app sees of people, and on what terms.

use askama::Template;
use poem::web::Data;
use poem::{IntoResponse as _, Response, handler};

use crate::Console;
use crate::page::{Frame, Page};

#[derive(Debug, Template)]
#[template(path = "privacy.html")]
struct Privacy {
    frame: Frame,
}

#[derive(Debug, Template)]
#[template(path = "terms.html")]
struct Terms {
    frame: Frame,
}

/// What is kept of people.
#[handler]
pub(crate) fn privacy(Data(console): Data<&Console>) -> Response {
    let frame = Frame::open(console, "Privacy");
    Page::of(&Privacy { frame }).into_response()
}

/// Who answers for this server.
#[handler]
pub(crate) fn terms(Data(console): Data<&Console>) -> Response {
    let frame = Frame::open(console, "Terms");
    Page::of(&Terms { frame }).into_response()
}
