//! One remote: a name, an address, and how it is asked. Not for finding the local socket, see `socket`.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::incus::{InvalidProject, InvalidServerUrl, Project, Protocol, ServerUrl};

/// A server by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    name: String,
    address: Address,
    protocol: Protocol,
    project: Option<Project>,
    public: bool,
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Here, behind a unix socket; `None` is the usual one.
    Unix(Option<PathBuf>),
    /// On the network.
    Server(ServerUrl),
}

/// Why a remote makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRemote {
    /// Its name.
    #[error("the name of a remote can't be empty nor contain ':', '/' or white space: {0:?}")]
    Name(String),
    /// Its address.
    #[error("the address of remote {name:?} is not usable: {reason}")]
    Address {
        /// The remote.
        name: String,
        /// What is wrong.
        #[source]
        reason: InvalidServerUrl,
    },
    /// Its protocol is not spoken at such an address.
    #[error("remote {name:?}: protocol {protocol} needs {needed}")]
    Mismatch {
        /// The remote.
        name: String,
        /// The protocol.
        protocol: Protocol,
        /// The addresses that go with it.
        needed: &'static str,
    },
    /// Its protocol.
    #[error("remote {name:?} has the unknown protocol {protocol:?}; there are incus, simplestreams and oci")]
    Protocol {
        /// The remote.
        name: String,
        /// What is given as protocol.
        protocol: String,
    },
    /// Its project.
    #[error("remote {name:?}: {reason}")]
    Project {
        /// The remote.
        name: String,
        /// What is wrong.
        #[source]
        reason: InvalidProject,
    },
}

impl Remote {
    /// A remote at an address: `unix://`, `unix:///path`, `https://…`, or for simplestreams `http://…`. Image servers
    /// and registries are public, Incus servers are not.
    pub fn new(name: &str, address: &str, protocol: Protocol) -> Result<Self, InvalidRemote> {
        if name.is_empty() || name.contains([':', '/']) || name.contains(char::is_whitespace) {
            return Err(InvalidRemote::Name(name.to_owned()));
        }
        let address =
            Address::parse(address).map_err(|reason| InvalidRemote::Address { name: name.to_owned(), reason })?;
        let needed = match (&address, protocol) {
            (Address::Unix(_), Protocol::Simplestreams | Protocol::Oci) => Some("an https:// address"),
            (Address::Server(url), Protocol::Incus | Protocol::Oci) if url.is_plain() => Some("an https:// address"),
            _ => None,
        };
        if let Some(needed) = needed {
            return Err(InvalidRemote::Mismatch { name: name.to_owned(), protocol, needed });
        }
        let public = protocol != Protocol::Incus;
        Ok(Self { name: name.to_owned(), address, protocol, project: None, public })
    }

    /// The same remote, with a project of its own.
    pub fn in_project(self, project: Project) -> Self {
        Self { project: Some(project), ..self }
    }

    /// The same remote, read without being trusted.
    pub fn as_public(self) -> Self {
        Self { public: true, ..self }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How it is asked.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The project meant on it when none is named.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// Whether it only serves images to everybody.
    pub fn public(&self) -> bool {
        self.public
    }
}

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, InvalidServerUrl> {
        match text.strip_prefix("unix:") {
            Some(rest) => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Ok(Self::Unix(None)),
                path => Ok(Self::Unix(Some(Path::new(path).to_owned()))),
            },
            None => ServerUrl::parse(text).map(Self::Server),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(None) => f.write_str("unix://"),
            Self::Unix(Some(path)) => write!(f, "unix://{}", path.display()),
            Self::Server(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        assert_eq!(Address::parse("unix:"), Ok(Address::Unix(None)));
        assert_eq!(Address::parse("unix://"), Ok(Address::Unix(None)));
        assert_eq!(Address::parse("unix:///run/s"), Ok(Address::Unix(Some("/run/s".into()))));
        assert_eq!(Address::parse("unix:/run/s"), Ok(Address::Unix(Some("/run/s".into()))));
        for text in ["unix:///run/s", "unix://", "https://host:8443"] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Address::parse("images.example"), Err(InvalidServerUrl::NotHttp));
    }

    #[test]
    fn a_protocol_needs_its_kind_of_address() {
        assert!(Remote::new("l", "http://host", Protocol::Simplestreams).unwrap().public());
        assert!(!Remote::new("i", "https://host", Protocol::Incus).unwrap().public());
        for (address, protocol) in
            [("http://host", Protocol::Incus), ("http://host", Protocol::Oci), ("unix://", Protocol::Simplestreams)]
        {
            let error = Remote::new("x", address, protocol).unwrap_err();
            assert_eq!(error.to_string(), format!("remote \"x\": protocol {protocol} needs an https:// address"));
        }
    }

    #[test]
    fn a_name_can_stand_before_a_colon() {
        for name in ["", "a:b", "a/b", "a b"] {
            assert_eq!(Remote::new(name, "unix://", Protocol::Incus), Err(InvalidRemote::Name(name.into())));
        }
    }

    #[test]
    fn a_password_is_refused_without_repeating_it() {
        let error = Remote::new("hub", "https://me:secret@docker.io", Protocol::Oci).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}
