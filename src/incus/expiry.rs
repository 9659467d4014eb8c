//! When an image expires. Not a clock: Incus only shows the date, it deletes nothing at that time.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How "never" is written: Incus keeps the old date when it is sent year 1, and takes 1970 as no expiry.
const NEVER: &str = "1970-01-01T00:00:00Z";

/// 0001-01-01T00:00:00Z in Unix time: Go's zero time.
const YEAR_ONE: i64 = -62_135_596_800;

/// When an image expires. Equal when the instants are, in whatever time zone they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It doesn't.
    Never,
    /// At this instant.
    At(OffsetDateTime),
}

/// A text that is neither "never" nor a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is neither \"never\" nor a date like 2030-12-31T23:59:59Z (RFC 3339)")]
pub struct InvalidExpiry {
    text: String,
    source: time::error::Parse,
}

impl Expiry {
    /// Reads `never` or an RFC 3339 date. The two dates by which Incus says "never" (year 1 for uploads, 1970 for images
    /// from simplestreams) are read so.
    pub fn parse(text: &str) -> Result<Self, InvalidExpiry> {
        if text == "never" {
            return Ok(Self::Never);
        }
        OffsetDateTime::parse(text, &Rfc3339)
            .map(Self::at)
            .map_err(|source| InvalidExpiry { text: text.to_owned(), source })
    }

    /// The expiry that Incus means by this date.
    pub fn at(instant: OffsetDateTime) -> Self {
        match instant.unix_timestamp() {
            0 | YEAR_ONE => Self::Never,
            _ => Self::At(instant),
        }
    }

    /// The date to send to Incus.
    pub(crate) fn to_wire(self) -> String {
        match self {
            Self::Never => NEVER.to_owned(),
            Self::At(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Expiry {
    /// `never`, or the date in RFC 3339.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::At(instant) => f.write_str(&instant.format(&Rfc3339).map_err(|_| fmt::Error)?),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_dates_that_mean_never_are_never() {
        for text in ["never", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00"] {
            assert_eq!(Expiry::parse(text).unwrap(), Expiry::Never);
        }
        assert_eq!(Expiry::Never.to_wire(), "1970-01-01T00:00:00Z");
        assert_eq!(Expiry::Never.to_string(), "never");
    }

    #[test]
    fn the_same_instant_in_another_zone_is_equal() {
        let utc = Expiry::parse("2030-12-31T23:00:00Z").unwrap();
        assert_eq!(utc, Expiry::parse("2031-01-01T00:00:00.000+01:00").unwrap());
        assert_ne!(utc, Expiry::Never);
        assert_eq!(utc.to_wire(), "2030-12-31T23:00:00Z");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "Never", "2030-12-31", "tomorrow"] {
            assert!(Expiry::parse(text).unwrap_err().to_string().contains("RFC 3339"));
        }
    }
}
