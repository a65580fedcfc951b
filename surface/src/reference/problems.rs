//! The list of problem codes, where the `type` of a problem leads.

use std::fmt::Write;

use crate::catalogue::Entry;

/// The members of the definition list. Each code is an anchor: `/api/v1/problems#asset_unknown`.
pub(super) fn list<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> String {
    let mut html = String::new();
    for entry in entries {
        let (code, title, about) = (escape(entry.code), escape(entry.title), escape(entry.about));
        let status = entry.status.as_u16();
        let _ = writeln!(
            html,
            "<dt id=\"{code}\"><a href=\"#{code}\">{code}</a> <span>{title}</span> \
             <span class=\"status\">{status}</span></dt>\n<dd>{about}</dd>"
        );
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;

    use super::*;

    #[test]
    fn texts_cannot_become_markup() {
        let html = list([&Entry {
            code: "a_b",
            status: StatusCode::BAD_REQUEST,
            title: "<b>",
            about: "\"x\" & y",
        }]);
        assert!(
            html.contains("<dt id=\"a_b\">")
                && html.contains("&lt;b&gt;")
                && html.contains("&quot;x&quot; &amp; y")
        );
    }
}
