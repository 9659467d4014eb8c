//! The name of an instance or of a snapshot of one. Instances are only published here, see `publish`.

use std::fmt;

/// An instance (`web`), or a snapshot (`web/before-upgrade`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceName(String);

/// Why a text names no instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no instance: it is \"NAME\", or \"NAME/SNAPSHOT\" for a snapshot")]
pub struct InvalidInstanceName(String);

impl InstanceName {
    /// Reads the name of an instance or snapshot.
    pub fn parse(text: &str) -> Result<Self, InvalidInstanceName> {
        let mut parts = text.split('/');
        let is_named = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(instance), None, _) if is_named(instance) => Ok(Self(text.to_owned())),
            (Some(instance), Some(snapshot), None) if is_named(instance) && is_named(snapshot) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidInstanceName(text.to_owned())),
        }
    }

    /// The instance, and the snapshot of it.
    pub(crate) fn parts(&self) -> (&str, Option<&str>) {
        match self.0.split_once('/') {
            Some((instance, snapshot)) => (instance, Some(snapshot)),
            None => (&self.0, None),
        }
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_or_a_snapshot_of_it_is_named() {
        assert_eq!(InstanceName::parse("web").unwrap().parts(), ("web", None));
        assert_eq!(InstanceName::parse("web/snap0").unwrap().parts(), ("web", Some("snap0")));
        for text in ["", "/", "web/", "/snap0", "web/a/b", "other:web", "my web"] {
            assert_eq!(InstanceName::parse(text), Err(InvalidInstanceName(text.to_owned())), "{text}");
        }
    }
}
