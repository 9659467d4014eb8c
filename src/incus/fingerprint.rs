//! What names an image's content: the SHA-256 of its files. Not for computing one from files, see `files`.

use std::fmt;

use sha2::{Digest, Sha256};

const LENGTH: usize = 64;
const SHORTEST_PREFIX: usize = 12;

/// The SHA-256 of an image's file, or of its metadata file followed by its root file: 64 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

/// The beginning of a fingerprint, long enough (12 digits, as the `incus` client shows) to be meant for one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerprintPrefix(String);

/// Why a text is not a fingerprint, or not the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFingerprint {
    /// Too few or too many digits.
    #[error("a fingerprint has 64 digits, this one has {0}")]
    Length(usize),
    /// Too short a beginning.
    #[error("the beginning of a fingerprint needs 12 to 64 digits, this one has {0}")]
    PrefixLength(usize),
    /// A character that is no lower-case hex digit.
    #[error("a fingerprint consists of the digits 0-9 and a-f (lower case), not {0:?}")]
    Character(char),
}

impl Fingerprint {
    /// Reads a full fingerprint.
    pub fn parse(text: &str) -> Result<Self, InvalidFingerprint> {
        check_digits(text)?;
        match text.len() {
            LENGTH => Ok(Self(text.to_owned())),
            length => Err(InvalidFingerprint::Length(length)),
        }
    }

    /// The fingerprint of content that was hashed to the end.
    pub(crate) fn of(hash: Sha256) -> Self {
        Self(hex(hash))
    }

    /// The first 12 digits, as the `incus` client shows it.
    pub fn short(&self) -> &str {
        self.0.get(..SHORTEST_PREFIX).unwrap_or(&self.0)
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FingerprintPrefix {
    /// Reads the beginning of a fingerprint.
    pub fn parse(text: &str) -> Result<Self, InvalidFingerprint> {
        check_digits(text)?;
        match text.len() {
            SHORTEST_PREFIX..=LENGTH => Ok(Self(text.to_owned())),
            length => Err(InvalidFingerprint::PrefixLength(length)),
        }
    }

    /// Whether the fingerprint begins so.
    pub fn matches(&self, fingerprint: &Fingerprint) -> bool {
        fingerprint.0.starts_with(&self.0)
    }

    /// The digits given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The digits of what was hashed to the end.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check_digits(text: &str) -> Result<(), InvalidFingerprint> {
    match text.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
        Some(character) => Err(InvalidFingerprint::Character(character)),
        None => Ok(()),
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_64_lower_case_hex_digits_are_a_fingerprint() {
        let full = "0123456789abcdef".repeat(4);
        let fingerprint = Fingerprint::parse(&full).unwrap();
        assert_eq!((fingerprint.to_string(), fingerprint.short()), (full.clone(), "0123456789ab"));
        assert_eq!(Fingerprint::parse(&full.to_uppercase()), Err(InvalidFingerprint::Character('A')));
        assert_eq!(Fingerprint::parse("0123456789ab"), Err(InvalidFingerprint::Length(12)));
        assert_eq!(Fingerprint::parse(""), Err(InvalidFingerprint::Length(0)));
        assert_eq!(Fingerprint::parse(&full.replace('0', "%")), Err(InvalidFingerprint::Character('%')));
        assert_eq!(Fingerprint::parse(&format!("{full}0")), Err(InvalidFingerprint::Length(65)));
    }

    #[test]
    fn a_prefix_needs_twelve_digits_and_matches_the_beginning_only() {
        let full = Fingerprint::parse(&"0123456789abcdef".repeat(4)).unwrap();
        assert!(FingerprintPrefix::parse("0123456789ab").unwrap().matches(&full));
        assert!(FingerprintPrefix::parse(full.as_str()).unwrap().matches(&full));
        assert!(!FingerprintPrefix::parse("123456789abc").unwrap().matches(&full));
        assert_eq!(FingerprintPrefix::parse("0123456789a"), Err(InvalidFingerprint::PrefixLength(11)));
    }
}
