//! The cells of a row as text, codes, words and days.

use super::super::fault::{Fault, shown};
use super::super::field::Field;
use super::{CODE_CHARS_MAX, One};
use habeo_core::asset::decide::REMARK_CHARS_MAX;
use habeo_core::export::cell::unguarded;
use habeo_core::text;
use habeo_core::time::Day;

impl One<'_> {
    pub(super) fn fault(&mut self, field: Field, code: &'static str, message: String) {
        self.faults.push(Fault {
            line: self.row.line,
            column: self.mapping.header(field).to_owned(),
            code,
            message,
        });
    }

    /// A cell as text; none where it is empty, or no text.
    pub(super) fn cell(&mut self, field: Field) -> Option<String> {
        let bytes = self.row.cells.get(self.mapping.column(field)?)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let text = unguarded(text.trim()).trim();
                (!text.is_empty()).then(|| text.to_owned())
            }
            Err(error) => {
                let at = error.valid_up_to() + 1;
                self.fault(
                    field,
                    "not_utf8",
                    format!(
                        "is not UTF-8 from its byte {at} on; was the file saved as Windows-1252?"
                    ),
                );
                None
            }
        }
    }

    pub(super) fn line(&mut self, field: Field, chars_max: usize) -> Option<String> {
        let text = self.cell(field)?;
        match text::line(&text, chars_max) {
            Ok(line) => Some(line),
            Err(error) => {
                self.fault(field, "text", error.to_string());
                None
            }
        }
    }

    pub(super) fn lines(&mut self, field: Field) -> Option<String> {
        let text = self.cell(field)?.replace("\r\n", "\n").replace('\r', "\n");
        match text::lines(&text, REMARK_CHARS_MAX) {
            Ok(lines) => Some(lines),
            Err(error) => {
                self.fault(field, "text", error.to_string());
                None
            }
        }
    }

    pub(super) fn code<T>(
        &mut self,
        field: Field,
        parse: impl Fn(&str) -> Result<T, text::BadText>,
    ) -> Option<T> {
        let text = self.cell(field)?;
        match parse(&text) {
            Ok(code) => Some(code),
            Err(error) => {
                self.fault(field, "text", error.to_string());
                None
            }
        }
    }

    /// A word of a closed set as the sets spell it: `In stock` is `in_stock`.
    pub(super) fn word(&mut self, field: Field) -> Option<String> {
        let text = self.line(field, CODE_CHARS_MAX)?;
        Some(text.to_lowercase().replace([' ', '-'], "_"))
    }

    pub(super) fn member<T: std::str::FromStr + Copy>(
        &mut self,
        field: Field,
        word: &str,
    ) -> Option<T> {
        let member = word.parse().ok();
        if member.is_none() {
            self.fault(
                field,
                "not_a_member",
                format!("{} is none of the words that this can be", shown(word)),
            );
        }
        member
    }

    pub(super) fn day(&mut self, field: Field) -> Option<Day> {
        let text = self.cell(field)?;
        let day = text.parse().ok();
        if day.is_none() {
            self.fault(
                field,
                "date",
                format!("{} is not a day as in 2026-03-02", shown(&text)),
            );
        }
        day
    }
}
