//! Lines for machines: one JSON object each.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use habeo_core::time::Clock;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::bounded::{Bounded, is_active};

/// Writes events as JSON.
#[derive(Debug)]
pub struct Lines {
    clock: Arc<dyn Clock>,
}

impl Lines {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::begin();
        line.text("timestamp", &self.clock.now());
        line.text("level", event.metadata().level());
        line.text("target", event.metadata().target());
        event.record(&mut line);
        writeln!(writer, "{}}}", line.0)
    }
}

/// A line as far as it is written.
struct Line(String);

impl Line {
    fn begin() -> Self {
        Self("{".to_owned())
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.quoted(name.chars());
        self.0.push(':');
    }

    fn text(&mut self, name: &str, value: &(impl fmt::Display + ?Sized)) {
        self.name(name);
        self.quoted(Bounded::of(value).chars());
    }

    fn bare(&mut self, name: &str, value: &dyn fmt::Display) {
        self.name(name);
        let _ = write!(self.0, "{value}");
    }

    fn quoted(&mut self, chars: impl Iterator<Item = char>) {
        self.0.push('"');
        for c in chars {
            match c {
                '"' | '\\' => self.0.extend(['\\', c]),
                // All of them have at most four digits.
                c if is_active(c) => {
                    let _ = write!(self.0, "\\u{:04x}", u32::from(c));
                }
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field.name(), &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), &format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Mutex, PoisonError};

    use habeo_core::time::{SetClock, Timestamp};
    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            sink.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(log: impl FnOnce()) -> String {
        let sink = Sink::default();
        let clock = SetClock::at(Timestamp::from_seconds(1_772_442_000));
        let lines = tracing_subscriber::fmt()
            .event_format(Lines::new(Arc::new(clock)))
            .with_writer({
                let sink = sink.clone();
                move || sink.clone()
            })
            .finish();
        tracing::subscriber::with_default(lines, log);
        let bytes = sink.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(bytes.clone()).expect("UTF-8")
    }

    #[test]
    fn a_line_is_one_object() {
        let line = written(|| {
            tracing::warn!(org.id = %"o-1", rows = 3_u64, late = true, gone = None::<u64>, "said \"so\"");
        });
        assert!(line.ends_with("}\n"));
        let value: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(value["level"], "WARN");
        assert_eq!(value["message"], "said \"so\"");
        assert_eq!(value["org.id"], "o-1");
        assert_eq!(value["rows"], 3);
        assert_eq!(value["late"], true);
        assert!(value.get("gone").is_none());
        assert!(
            value["timestamp"]
                .as_str()
                .is_some_and(|at| at.starts_with("2026-03-02T09:00:00"))
        );
    }

    #[test]
    fn nothing_breaks_out_of_a_line() {
        let hostile = "a\nb\r\u{1b}[2J\u{9b}\u{202e}\u{2028}\"\\";
        let long = "x".repeat(10_000);
        let line = written(|| tracing::info!(hostile, ?long, "{hostile}"));
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.trim_end().chars().any(is_active), "{line:?}");
        assert!(line.len() < 2_000);
        let value: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(value["hostile"], hostile);
        assert_eq!(value["message"], hostile);
    }
}
