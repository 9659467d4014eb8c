//! The names of images. Not for asking a server about them, see `client`.

use std::fmt;

use serde_json::Value;

use super::answer::{Malformed, field, text};
use super::{Fingerprint, ImageType};

/// The name of an image, unique in its project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(String);

/// Why a text can't be an alias.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAlias {
    /// The empty text.
    #[error("an alias can't be empty")]
    Empty,
    /// `.` and `..`: in a URL they name a folder, so the server could never be asked about such an alias.
    #[error("{0:?} can't be an alias: no request to the server can name it")]
    Folder(String),
    /// A control character.
    #[error("an alias can't contain the control character {0:?}")]
    Control(char),
}

/// Why a server with strict names refuses an alias that others take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedAlias {
    /// More bytes than it takes.
    #[error("it has {0} bytes, and 64 are allowed")]
    Long(usize),
    /// White space anywhere.
    #[error("it contains white space")]
    WhiteSpace,
    /// A character that means something in a URL.
    #[error("it contains {0}")]
    Reserved(char),
    /// An end that is no ASCII letter or digit.
    #[error("it does not begin and end with a letter from a to z or a digit")]
    End,
    /// A name of one letter or digit.
    #[error("it has one character, and two are needed")]
    Single,
}

impl Alias {
    /// Reads an alias. Only what no server can keep is refused; see [`strict`](Self::strict) for what some refuse.
    pub fn parse(text: &str) -> Result<Self, InvalidAlias> {
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            return Err(InvalidAlias::Control(control));
        }
        match text {
            "" => Err(InvalidAlias::Empty),
            "." | ".." => Err(InvalidAlias::Folder(text.to_owned())),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// Whether every server lets an image be called so; which ones [refuse it](super::Server::refuses) depends on the reason. Those
    /// that have such an alias already, from before, keep it.
    pub fn strict(&self) -> Result<(), RefusedAlias> {
        let Self(name) = self;
        let is_end = |end: Option<char>| end.is_some_and(|c| c.is_ascii_alphanumeric());
        if name.len() > 64 {
            Err(RefusedAlias::Long(name.len()))
        } else if name.contains(char::is_whitespace) {
            Err(RefusedAlias::WhiteSpace)
        } else if let Some(reserved) = name.chars().find(|c| "$?&+\"'`*".contains(*c)) {
            Err(RefusedAlias::Reserved(reserved))
        } else if !is_end(name.chars().next()) || !is_end(name.chars().next_back()) {
            Err(RefusedAlias::End)
        } else if name.len() == 1 {
            Err(RefusedAlias::Single)
        } else {
            Ok(())
        }
    }

    /// An alias that a server says it has: it exists, whatever it looks like, and must not be overlooked.
    pub(crate) fn stored(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a server knows about an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasEntry {
    /// The alias itself.
    pub name: Alias,
    /// Free text, often empty.
    pub description: String,
    /// The image it points at.
    pub target: Fingerprint,
    /// The type of that image.
    pub image_type: ImageType,
    /// Guards a write against a change in between.
    pub etag: Option<String>,
}

impl AliasEntry {
    pub(crate) fn from_json(entry: &Value, etag: Option<String>) -> Result<Self, Malformed> {
        Ok(Self {
            name: Alias::stored(text(entry, "name")?),
            description: text(entry, "description")?.to_owned(),
            target: field(entry, "target", Fingerprint::parse)?,
            image_type: field(entry, "type", ImageType::parse)?,
            etag,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_server_keeps_is_refused() {
        for name in ["alpine/edge", "with space", "../x", "a?b", "ünï", "alias=x:y"] {
            assert_eq!(Alias::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Alias::parse(""), Err(InvalidAlias::Empty));
        assert_eq!(Alias::parse(".."), Err(InvalidAlias::Folder("..".into())));
        assert_eq!(Alias::parse("a\nb"), Err(InvalidAlias::Control('\n')));
    }

    #[test]
    fn some_servers_are_strict() {
        let strict = |name: &str| Alias::parse(name).unwrap().strict();
        for name in ["ab", "alpine/edge", "a.b_c-d:e=f,g~h/3", &"x".repeat(64)] {
            assert_eq!(strict(name), Ok(()), "{name}");
        }
        assert_eq!(strict(&"x".repeat(65)), Err(RefusedAlias::Long(65)));
        assert_eq!(strict(&format!("a{}b", "ü".repeat(32))), Err(RefusedAlias::Long(66)), "bytes count");
        assert_eq!(strict("with space"), Err(RefusedAlias::WhiteSpace));
        assert_eq!(strict("a\u{a0}b"), Err(RefusedAlias::WhiteSpace));
        for reserved in "$?&+\"'`*".chars() {
            assert_eq!(strict(&format!("a{reserved}b")), Err(RefusedAlias::Reserved(reserved)));
        }
        for name in ["/alpine", "alpine/", "../x", "-a", "é", "a_"] {
            assert_eq!(strict(name), Err(RefusedAlias::End), "{name}");
        }
        assert_eq!(strict("a"), Err(RefusedAlias::Single));
    }

    #[test]
    fn an_entry_is_read_with_its_etag() {
        let fingerprint = "ab".repeat(32);
        let json = serde_json::json!({"name":"a/b","description":"d","target":fingerprint,"type":"virtual-machine"});
        let entry = AliasEntry::from_json(&json, Some("e".into())).unwrap();
        assert_eq!(entry.name.as_str(), "a/b");
        assert_eq!(entry.target.as_str(), fingerprint);
        assert_eq!(entry.image_type, ImageType::VirtualMachine);
        assert_eq!(entry.etag.as_deref(), Some("e"));
        let short = serde_json::json!({"name":"a","description":"","target":"abc","type":"container"});
        assert!(AliasEntry::from_json(&short, None).unwrap_err().to_string().contains("target"));
    }
}
