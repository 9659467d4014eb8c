//! Reading what an Incus server answers: the envelope, and the fields inside. Only the words `type` and `error` of the
//! envelope are trusted: Incus 6.0.4 sends failures with HTTP status 200, and even with `error_code` 200.

use std::fmt::Display;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Error;

/// An answer that is not as the API promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) String);

/// What a server answered to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// Done, with this result.
    Done(Value),
    /// Begun: this is the operation to wait for.
    Begun(Value),
    /// Refused.
    Refused {
        /// The HTTP status, or the one it ought to have been.
        status: u16,
        /// The server's words.
        message: String,
    },
}

impl Answer {
    /// The error of an answer other than what a request was to come to: `what` was asked for at `address`.
    pub(crate) fn unexpected(self, what: &str, address: &str) -> Error {
        let (what, address) = (what.to_owned(), address.to_owned());
        let odd = match self {
            Self::Refused { status, message } => return Error::Server { what, address, status, message },
            Self::Done(_) => "a result where an operation was expected",
            Self::Begun(_) => "an operation where a result was expected",
        };
        Error::Decode { what, address, source: Malformed(odd.to_owned()) }
    }
}

/// Reads the body of an answer.
pub(crate) fn read(http_status: u16, body: &[u8]) -> Result<Answer, Malformed> {
    let Ok(envelope) = serde_json::from_slice::<Value>(body) else {
        return match http_status {
            400.. => Ok(Answer::Refused { status: http_status, message: excerpt(body) }),
            _ => Err(Malformed(format!("not JSON: {:?}", excerpt(body)))),
        };
    };
    let metadata = envelope.get("metadata").cloned().unwrap_or(Value::Null);
    match text(&envelope, "type")? {
        "sync" => Ok(Answer::Done(metadata)),
        "async" => Ok(Answer::Begun(metadata)),
        "error" => {
            let code = envelope.get("error_code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
            let status = [code.unwrap_or(0), http_status].into_iter().find(|status| *status >= 400).unwrap_or(500);
            Ok(Answer::Refused { status, message: text(&envelope, "error")?.to_owned() })
        }
        other => Err(Malformed(format!("an answer of unknown type {other:?}"))),
    }
}

/// The first words of something unreadable.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim().chars().take(200).collect()
}

/// A text field.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str, Malformed> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| Malformed(format!("the text {name:?} is missing")))
}

/// A text field, read into its type.
pub(crate) fn field<T, E: Display>(
    object: &Value,
    name: &str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Malformed> {
    read(text(object, name)?).map_err(|error| Malformed(format!("{name}: {error}")))
}

/// A field that is true or false.
pub(crate) fn flag(object: &Value, name: &str) -> Result<bool, Malformed> {
    object.get(name).and_then(Value::as_bool).ok_or_else(|| Malformed(format!("the flag {name:?} is missing")))
}

/// A whole number, not below 0.
pub(crate) fn number(object: &Value, name: &str) -> Result<u64, Malformed> {
    object.get(name).and_then(Value::as_u64).ok_or_else(|| Malformed(format!("the number {name:?} is missing")))
}

/// A point in time.
pub(crate) fn instant(object: &Value, name: &str) -> Result<OffsetDateTime, Malformed> {
    field(object, name, |text| OffsetDateTime::parse(text, &Rfc3339))
}

/// A list; Go sends `null` for an empty one.
pub(crate) fn list<'a>(object: &'a Value, name: &str) -> Result<&'a [Value], Malformed> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Malformed(format!("{name:?} is not a list"))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refused(status: u16, message: &str) -> Answer {
        Answer::Refused { status, message: message.into() }
    }

    #[test]
    fn the_type_decides_not_the_numbers() {
        let body = br#"{"type":"sync","status":"Success","status_code":200,"operation":"","error_code":0,"error":"","metadata":{"a":1}}"#;
        assert_eq!(read(200, body), Ok(Answer::Done(serde_json::json!({"a":1}))));
        let body = br#"{"type":"error","status":"","status_code":0,"error_code":200,"error":"Image with same fingerprint already exists","metadata":null}"#;
        assert_eq!(read(200, body), Ok(refused(500, "Image with same fingerprint already exists")));
        let body = br#"{"type":"error","error_code":404,"error":"Image \"zz\" not found"}"#;
        assert_eq!(read(200, body), Ok(refused(404, "Image \"zz\" not found")));
    }

    #[test]
    fn an_operation_is_begun() {
        let body = br#"{"type":"async","status_code":100,"operation":"/1.0/operations/u","metadata":{"id":"u"}}"#;
        assert_eq!(read(202, body), Ok(Answer::Begun(serde_json::json!({"id":"u"}))));
    }

    #[test]
    fn plain_text_is_told_apart() {
        assert_eq!(read(400, b"Bad Request\n"), Ok(refused(400, "Bad Request")));
        assert!(read(200, b"<html>").unwrap_err().to_string().contains("<html>"));
        assert!(read(200, b"{}").is_err());
        assert!(read(200, br#"{"type":"new"}"#).is_err());
    }

    #[test]
    fn times_have_fractions_of_any_length() {
        let object = serde_json::json!({"a":"2026-01-02T03:04:05.1Z","b":"2026-01-02T03:04:05.123456789+01:00","c":1});
        assert_eq!(instant(&object, "a").unwrap().millisecond(), 100);
        assert_eq!(instant(&object, "b").unwrap().nanosecond(), 123_456_789);
        assert!(instant(&object, "c").is_err());
    }
}
