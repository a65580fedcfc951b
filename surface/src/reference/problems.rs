//! The list of problem codes, where the `type` of a problem leads.

use std::fmt::Write;

/// One code as readers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemCode<'a> {
    /// The stable code, which is also the anchor on the page: `/api/v1/problems#asset_unknown`.
    pub code: &'a str,
    /// The kind of problem in words.
    pub title: &'a str,
    /// The status it comes with.
    pub status: u16,
    /// What to do about it.
    pub text: &'a str,
}

impl<'a> From<(&'a str, &'a str, u16, &'a str)> for ProblemCode<'a> {
    fn from((code, title, status, text): (&'a str, &'a str, u16, &'a str)) -> Self {
        Self {
            code,
            title,
            status,
            text,
        }
    }
}

/// The members of the definition list.
pub(super) fn list<'a>(codes: impl IntoIterator<Item = ProblemCode<'a>>) -> String {
    let mut html = String::new();
    for ProblemCode {
        code,
        title,
        status,
        text,
    } in codes
    {
        let (code, title, text) = (escape(code), escape(title), escape(text));
        let _ = writeln!(
            html,
            "<dt id=\"{code}\"><a href=\"#{code}\">{code}</a> <span>{title}</span> \
             <span class=\"status\">{status}</span></dt>\n<dd>{text}</dd>"
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
    use super::list;

    #[test]
    fn texts_cannot_become_markup() {
        let html = list([("a_b", "<b>", 400, "\"x\" & y").into()]);
        assert!(
            html.contains("<dt id=\"a_b\">")
                && html.contains("&lt;b&gt;")
                && html.contains("&quot;x&quot; &amp; y")
        );
    }
}
