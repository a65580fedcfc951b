//! The label of an asset: a code that any scanner reads, and the tag for people. Printed, it is nothing but the label.

use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use qrcode::{Color, EcLevel, QrCode};
use url::Url;

use super::{Head, find};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::absent;
use crate::visitor::SignedIn;

/// How many modules are left free around a code, as its standard wants (ISO/IEC 18004).
const QUIET: usize = 4;
/// What stands percent-encoded in a part of a path.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

#[derive(Debug, Template)]
#[template(path = "asset_label.html")]
struct Show {
    frame: Frame,
    head: Head,
    organization: String,
    tag: String,
    address: String,
    drawing: Drawing,
}

/// A code as it is drawn.
#[derive(Debug, PartialEq, Eq)]
struct Drawing {
    /// How many modules it is wide and high, the free ones around it included.
    side: usize,
    /// The dark modules, as an SVG path.
    path: String,
}

/// The label of an asset that has a tag.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let (tx, _, asset) = find(console, visitor.access(), &id).await?;
    drop(tx);
    let tag = asset.tag.clone().ok_or_else(absent)?;
    let address = address(&console.parts().public_url, &tag);
    let show = Show {
        frame: Frame::of(console, &visitor, "Label"),
        head: Head::of(&asset, false),
        organization: visitor.who().organization,
        drawing: drawing(&address).ok_or_else(absent)?,
        tag,
        address,
    };
    Ok(Page::of(&show).into_response())
}

/// The address that leads from a label to its asset. It names the tag, so that a program that reads it needs nobody's answer.
fn address(public_url: &Url, tag: &str) -> String {
    let base = public_url.as_str().trim_end_matches('/');
    format!("{base}/t/{}", utf8_percent_encode(tag, ENCODED))
}

/// Draws a code that is still read when a seventh of it is scratched; none for a text that is longer than a code holds.
fn drawing(text: &str) -> Option<Drawing> {
    use std::fmt::Write as _;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        // One stroke for each run of dark modules: a module each would be four times as long.
        while x < width {
            let dark = row[x..].iter().take_while(|color| **color == Color::Dark);
            let run = dark.count();
            if run > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Some(Drawing {
        side: width + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_labels_name_the_tag() {
        let public = Url::parse("https://habeo.example.edu/").expect("an address");
        for (tag, path) in [
            ("WMK-004217-S", "/t/WMK-004217-S"),
            ("LIB 20391", "/t/LIB%2020391"),
            ("A/B?#", "/t/A%2FB%3F%23"),
        ] {
            let address = address(&public, tag);
            assert_eq!(address, format!("https://habeo.example.edu{path}"));
            let read = habeo_core::asset::code::candidates(&address);
            let folded = habeo_core::text::fold_code(tag);
            assert_eq!(read, [folded], "the scanner reads the tag in it");
        }
    }

    #[test]
    fn every_dark_module_is_drawn_once() {
        let drawn = drawing("https://habeo.example.edu/t/WMK-004217-S").expect("it fits");
        let code = QrCode::with_error_correction_level(
            "https://habeo.example.edu/t/WMK-004217-S",
            EcLevel::M,
        );
        let code = code.expect("it fits");
        let dark = code
            .to_colors()
            .iter()
            .filter(|one| **one == Color::Dark)
            .count();
        let runs = drawn.path.split('h').skip(1).step_by(2);
        let drawn_dark: usize = runs
            .filter_map(|run| run.split('v').next()?.parse::<usize>().ok())
            .sum();
        assert_eq!(drawn_dark, dark);
        assert_eq!(drawn.side, code.width() + 8);
        assert_eq!(drawing(&"x".repeat(3_000)), None);
    }
}
