//! The shape of a log line: what go-plugin accepts as hclog, and no more than it can read at once.

use std::fmt::Debug;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

/// go-plugin reads 64 KiB at a time and takes a part of a line for text.
const MAX_LINE: usize = 60 << 10;

/// Longest value. JSON writes a byte as six at worst, so a message alone always fits into a line.
const MAX_VALUE: usize = 8 << 10;

/// Hands each event to the function as one line, with the fields of the spans around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hclog<W>(pub(super) W);

impl<W, S> Layer<S> for Hclog<W>
where
    W: Fn(&str) + 'static,
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(Fields(outer)) = span.extensions().get() {
                fields.0.extend(outer.clone());
            }
        }
        event.record(&mut fields);
        (self.0)(&line(event.metadata(), OffsetDateTime::now_utc(), fields));
    }
}

/// The line of one event. `@timestamp`, `@level` and `@message` that aren't strings would crash Terraform.
fn line(metadata: &Metadata<'_>, time: OffsetDateTime, Fields(mut fields): Fields) -> String {
    let message = match fields.remove("message") {
        None => String::new(),
        Some(Value::String(message)) => message,
        Some(value) => value.to_string(),
    };
    let mut line = Map::from_iter([
        ("@timestamp".to_owned(), Value::from(timestamp(time))),
        ("@level".to_owned(), Value::from(level(*metadata.level()))),
        ("@message".to_owned(), Value::from(message)),
        ("@module".to_owned(), Value::from(metadata.target())),
    ]);
    let short = Value::Object(line.clone()).to_string();
    fields.retain(|name, _| !name.starts_with('@'));
    line.append(&mut fields);
    let full = Value::Object(line).to_string();
    (if full.len() <= MAX_LINE { full } else { short }) + "\n"
}

/// The only form in which go-plugin recognises a time: six digits of the second, always.
fn timestamp(time: OffsetDateTime) -> String {
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second, microsecond) = time.to_hms_micro();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Fields of an event or a span as JSON values.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    /// Durations, in whichever unit: none that is logged is longer than 64 bits.
    fn record_u128(&mut self, field: &Field, value: u128) {
        self.insert(field, u64::try_from(value).unwrap_or(u64::MAX));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, shorten(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.insert(field, shorten(&format!("{value:?}")));
    }
}

/// At most about [`MAX_VALUE`] bytes of a text, cut between characters.
fn shorten(text: &str) -> String {
    if text.len() <= MAX_VALUE {
        return text.to_owned();
    }
    text.char_indices().take_while(|(start, _)| *start < MAX_VALUE).map(|(_, c)| c).chain(['…']).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use time::OffsetDateTime;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::registry::Registry;

    use super::{Hclog, MAX_LINE, timestamp};

    /// The lines that come of what `logs` does.
    fn lines(logs: impl FnOnce()) -> Vec<Value> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let hclog = Hclog({
            let written = Arc::clone(&written);
            move |line: &str| written.lock().unwrap().push(line.to_owned())
        });
        tracing::subscriber::with_default(Registry::default().with(hclog), logs);
        let written = written.lock().unwrap();
        for line in written.iter() {
            assert!(line.len() <= MAX_LINE + 1, "{} bytes", line.len());
            assert_eq!(line.find('\n'), Some(line.len() - 1), "one event is one line");
        }
        written.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_fields_of_the_event_and_of_the_spans_around_it() {
        let lines = lines(|| {
            let outer = tracing::info_span!("outer", operation = "create", attempt = 1, late = tracing::field::Empty);
            let _outer = outer.enter();
            let _inner = tracing::info_span!("inner", attempt = 2).entered();
            outer.record("late", true);
            tracing::warn!(path = ?"/1.0", error = %"first\nsecond", "slow {}", "server");
        });
        let line = &lines[0];
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@message"], "slow server");
        assert_eq!(line["@module"], module_path!());
        assert_eq!(line["operation"], "create");
        assert_eq!(line["attempt"], 2);
        assert_eq!(line["late"], true);
        assert_eq!(line["path"], "\"/1.0\"");
        assert_eq!(line["error"], "first\nsecond");
    }

    #[test]
    fn what_would_crash_terraform_is_never_written() {
        let lines = lines(|| {
            tracing::info!(message = 7, "@level" = 7, "@timestamp" = true);
            tracing::info!(only = "a field");
        });
        assert_eq!((&lines[0]["@message"], &lines[0]["@level"]), (&"7".into(), &"info".into()));
        assert!(lines[0]["@timestamp"].is_string());
        assert_eq!(lines[1]["@message"], "");
    }

    #[test]
    fn a_long_value_is_cut_and_too_many_of_them_are_left_out() {
        let long = "ä".repeat(100_000);
        // A byte that JSON writes as six.
        let wide = "\u{1}".repeat(100_000);
        let lines = lines(|| {
            tracing::info!(long, "one");
            tracing::info!(a = wide, b = wide, c = wide, "{wide}");
        });
        let cut = lines[0]["long"].as_str().unwrap();
        assert!(cut.starts_with("ää") && cut.ends_with("ä…") && cut.len() < 10_000);
        assert!(lines[1]["@message"].as_str().unwrap().ends_with('…'));
        assert_eq!(lines[1]["a"], Value::Null);
    }

    #[test]
    fn a_time_has_six_digits_of_the_second() {
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_000_042_999).unwrap();
        assert_eq!(timestamp(time), "2023-11-14T22:13:20.000042Z");
    }
}
