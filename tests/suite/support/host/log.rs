//! Log lines, read as strictly as go-plugin and Terraform read them.

use serde_json::{Map, Value};

/// go-plugin reads this much at a time, and a longer line is no longer JSON to it.
const MAX_LINE: usize = 64 << 10;

/// One line of hclog.
#[derive(Clone, Debug)]
pub(crate) struct LogLine {
    pub(crate) level: String,
    pub(crate) message: String,
    pub(crate) module: String,
    /// Everything else.
    pub(crate) fields: Map<String, Value>,
}

impl LogLine {
    pub(crate) fn parse(line: &str) -> Self {
        assert!(line.len() < MAX_LINE, "a log line of {} bytes", line.len());
        let mut fields: Map<String, Value> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("not a JSON object: {error}: {line}"));
        let mut text = |name: &str| match fields.remove(name) {
            Some(Value::String(text)) => text,
            other => panic!("{name} is {other:?}, not a string: {line}"),
        };
        let timestamp = text("@timestamp");
        assert!(is_timestamp(&timestamp), "a timestamp that go-plugin does not know: {timestamp}");
        let level = text("@level");
        assert!(["trace", "debug", "info", "warn", "error"].contains(&level.as_str()), "unknown level {level}");
        let (message, module) = (text("@message"), text("@module"));
        Self { level, message, module, fields }
    }
}

/// Go's layout `2006-01-02T15:04:05.000000Z07:00`, at UTC.
fn is_timestamp(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000000Z"
}
