//! Lines by the hundred: an order may have thousands of them, and a page of a browser may not.

use serde::Deserialize;

/// How many lines a page has.
const LINES: usize = 100;

/// Which lines are wanted, as an address or a form says it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::pages) struct At {
    #[serde(default)]
    page: String,
}

impl At {
    fn number(&self) -> usize {
        self.page.trim().parse().unwrap_or(1).max(1)
    }

    /// As an address goes on where the visitor was; nothing on the first page.
    pub fn and(&self) -> String {
        match self.number() {
            1 => String::new(),
            number => format!("&page={number}"),
        }
    }
}

/// Which lines are shown, and the way to others.
#[derive(Debug)]
pub(super) struct Paged {
    /// The page's number, from 1.
    pub number: usize,
    /// What is shown, where that is not all.
    pub shown: Option<String>,
    pub previous: Option<String>,
    pub next: Option<String>,
    first: usize,
}

impl Paged {
    /// The part of so many lines that is wanted, on the page with this address.
    pub fn of(lines: usize, at: &At, path: &str) -> Self {
        let pages = lines.div_ceil(LINES).max(1);
        let number = at.number().min(pages);
        let first = (number - 1) * LINES;
        let way = |number: usize| format!("{path}?page={number}#lines");
        let last = lines.min(first + LINES);
        Self {
            number,
            shown: (pages > 1).then(|| format!("Lines {} to {last} of {lines}", first + 1)),
            previous: (number > 1).then(|| way(number - 1)),
            next: (number < pages).then(|| way(number + 1)),
            first,
        }
    }

    /// The lines that are shown.
    pub fn part<T>(&self, lines: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        lines.skip(self.first).take(LINES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(page: &str) -> At {
        At {
            page: page.to_owned(),
        }
    }

    #[test]
    fn lines_come_by_the_hundred() {
        let part = |lines: usize, page: &str| {
            let paged = Paged::of(lines, &at(page), "/x");
            let shown: Vec<usize> = paged.part(1..=lines).collect();
            (shown.first().copied(), shown.len(), paged.shown)
        };
        assert_eq!(part(0, ""), (None, 0, None));
        assert_eq!(part(100, "2"), (Some(1), 100, None));
        let last = Some("Lines 201 to 250 of 250".to_owned());
        assert_eq!(part(250, "3"), (Some(201), 50, last.clone()));
        assert_eq!(part(250, "99"), (Some(201), 50, last));
        let middle = Paged::of(250, &at("2"), "/x");
        assert_eq!(middle.previous.as_deref(), Some("/x?page=1#lines"));
        assert_eq!(middle.next.as_deref(), Some("/x?page=3#lines"));
        assert_eq!(
            (at("2").and(), at("").and(), at("0").and()),
            ("&page=2".to_owned(), String::new(), String::new())
        );
    }
}
