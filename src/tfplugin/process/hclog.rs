//! The shape of a log line: what go-plugin accepts as hclog, and no more than it can read at once.

use std::fmt::Debug;
use std::io::{self, Write};

use serde_json::{Map, Value};
use time::OffsetDateTime;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// go-plugin reads 64 KiB at a time and takes a part of a line for text.
const MAX_LINE: usize = 60 << 10;

/// Longest value. JSON writes a byte as six at worst, so a message alone always fits into a line.
const MAX_VALUE: usize = 8 << 10;

/// Writes each event to stderr, with the fields of the spans around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hclog;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Hclog {
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
        for span in context.event_scope(event).into_iter().flatten().collect::<Vec<_>>().into_iter().rev() {
            if let Some(Fields(outer)) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.clone());
            }
        }
        event.record(&mut fields);
        let line = line(event.metadata(), OffsetDateTime::now_utc(), fields);
        // One write a line, or lines of several threads would mix. Without a reader there is nobody to tell.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// The line of one event. `@timestamp`, `@level` and `@message` that aren't strings would crash Terraform.
fn line(metadata: &Metadata<'_>, time: OffsetDateTime, Fields(mut fields): Fields) -> String {
    let message = fields.remove("message").unwrap_or_default();
    let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
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

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, shorten(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.insert(field, shorten(&format!("{value:?}")));
    }
}

/// At most [`MAX_VALUE`] bytes of a text, cut between characters.
fn shorten(text: &str) -> String {
    match text.get(..text.floor_char_boundary(MAX_VALUE)) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    }
}
