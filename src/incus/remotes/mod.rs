//! The servers that users know by name: from config.yml, as the `incus` client has them, and from explicit
//! declarations, which win. Nothing here contacts a server.

mod access;
mod address;
mod config;
mod credentials;
mod environment;
mod generate;
mod helper;
mod remote;
mod socket;
mod tokens;

use std::collections::BTreeMap;

use super::nearest;
pub use access::{Access, FirstContact, MissingIdentity};
pub use address::{Address, ServerUrls};
pub use config::ConfigError;
pub(crate) use credentials::Identity;
pub use credentials::{ClientFiles, CredentialsError};
pub use environment::Environment;
pub use helper::HelperError;
pub(crate) use helper::credentials as ask_helper;
pub use remote::{Authentication, InvalidRemote, Origin, Remote};
pub use socket::{Presence, Socket, probe};

/// All known remotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remotes {
    default_remote: String,
    /// A remote that makes no sense is an error only for who uses it.
    remotes: BTreeMap<String, Result<Remote, InvalidRemote>>,
}

/// Why there is no such remote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownRemote {
    /// Nothing has this name.
    #[error("There is no remote {name:?}{} Known remotes: {}", question(nearest), known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// All names, sorted.
        known: Vec<String>,
        /// The names that look like it, the likeliest first.
        nearest: Vec<String>,
    },
    /// It is known, and its description makes no sense.
    #[error("The remote {name:?} can't be used")]
    Invalid {
        /// The name asked for.
        name: String,
        /// What is wrong with it.
        source: InvalidRemote,
    },
}

impl Remotes {
    /// Reads config.yml and the system's own, from the places that the environment names.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        config::read(environment)
    }

    /// The remote that is meant when none is named.
    pub fn default_remote(&self) -> &str {
        &self.default_remote
    }

    /// The remote of this name.
    pub fn get(&self, name: &str) -> Result<&Remote, UnknownRemote> {
        match self.remotes.get(name) {
            Some(Ok(remote)) => Ok(remote),
            Some(Err(source)) => Err(UnknownRemote::Invalid { name: name.to_owned(), source: source.clone() }),
            None => Err(UnknownRemote::Unknown {
                name: name.to_owned(),
                known: self.remotes.keys().cloned().collect(),
                nearest: nearest(name, self.remotes.keys().map(String::as_str)),
            }),
        }
    }

    /// The remotes that make sense, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Remote> {
        self.remotes.values().filter_map(|remote| remote.as_ref().ok())
    }

    /// Adds a remote, in place of any other of that name.
    pub fn insert(&mut self, remote: Remote) {
        self.remotes.insert(remote.name().to_owned(), Ok(remote));
    }

    /// Notes that a remote makes no sense, in place of any other of that name.
    pub fn insert_invalid(&mut self, name: &str, reason: InvalidRemote) {
        self.remotes.insert(name.to_owned(), Err(reason));
    }
}

fn question(nearest: &[String]) -> String {
    match nearest {
        [] => ".".to_owned(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::incus::Protocol;

    #[test]
    fn a_misspelt_remote_is_answered_with_the_nearest_names() {
        let remotes = config::merge(None, None, &Environment::default());
        let error = remotes.get("image").unwrap_err();
        assert_eq!(
            error.to_string(),
            "There is no remote \"image\"; did you mean images? Known remotes: images, local"
        );
        assert!(remotes.get("zzz").unwrap_err().to_string().starts_with("There is no remote \"zzz\". Known"));
    }

    #[test]
    fn a_declared_remote_wins() {
        let mut remotes = config::merge(None, None, &Environment::default());
        let declared = Remote::new("images", "http://127.0.0.1:1", Protocol::Simplestreams).unwrap();
        remotes.insert(declared.clone());
        assert_eq!(remotes.get("images"), Ok(&declared));
        assert_eq!(remotes.iter().count(), 2);
    }
}
