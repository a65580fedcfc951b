//! Lines for people: the fields behind the message, made harmless.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use super::bounded::{Bounded, is_active};

/// Writes `message name=value name=value`.
#[derive(Debug)]
pub struct Fields;

impl FormatFields<'_> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'_>, fields: R) -> fmt::Result {
        let mut line = Line {
            writer,
            begun: false,
            outcome: Ok(()),
        };
        fields.record(&mut line);
        line.outcome
    }
}

struct Line<'a> {
    writer: Writer<'a>,
    begun: bool,
    outcome: fmt::Result,
}

impl Line<'_> {
    fn write(&mut self, field: &Field, value: &(impl fmt::Display + ?Sized)) -> fmt::Result {
        if std::mem::replace(&mut self.begun, true) {
            self.writer.write_char(' ')?;
        }
        if field.name() != "message" {
            write!(self.writer, "{field}=")?;
        }
        for c in Bounded::of(value).chars() {
            if is_active(c) {
                write!(self.writer, "{}", c.escape_unicode())?;
            } else {
                self.writer.write_char(c)?;
            }
        }
        Ok(())
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.outcome = self.outcome.and_then(|()| self.write(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format_args!("{value:?}");
        self.outcome = self.outcome.and_then(|()| self.write(field, &value));
    }
}
