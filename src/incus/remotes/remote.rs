//! One remote: a name, an address, and how it is asked. Not for where that is, see `address`.

use super::Address;
use crate::incus::certificate::Pin;
use crate::incus::{
    InvalidCertificate, InvalidProject, InvalidServerUrl, InvalidTrustToken, Project, Protocol, ServerUrl, TrustToken,
};

/// A server by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    name: String,
    address: Address,
    protocol: Protocol,
    origin: Origin,
    project: Option<Project>,
    public: bool,
    authentication: Authentication,
    certificate: Option<Pin>,
    token: Option<TrustToken>,
    credentials_helper: Option<String>,
}

/// Who says that there is such a remote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A declaration, or the user's config.yml.
    #[default]
    User,
    /// The system's config.yml.
    System,
}

/// How a client proves to a server who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// By a certificate.
    #[default]
    Tls,
    /// By a token of an identity provider.
    Oidc,
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
    /// The way it is to know us.
    #[error("remote {name:?} has the unknown authentication type {authentication:?}; there are tls and oidc")]
    Authentication {
        /// The remote.
        name: String,
        /// What is given as authentication type.
        authentication: String,
    },
    /// Its certificate.
    #[error("the certificate of remote {name:?} is not usable: {reason}")]
    Certificate {
        /// The remote.
        name: String,
        /// What is wrong.
        #[source]
        reason: InvalidCertificate,
    },
    /// What lets us join it.
    #[error("the token for remote {name:?} is not usable: {reason}")]
    Token {
        /// The remote.
        name: String,
        /// What is wrong.
        #[source]
        reason: InvalidTrustToken,
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
    /// A remote at an address: `unix://`, `unix:///path`, `https://…`, or for simplestreams `http://…`; for Incus several with commas
    /// between. Image servers and registries are public, Incus servers are not.
    pub fn new(name: &str, address: &str, protocol: Protocol) -> Result<Self, InvalidRemote> {
        if name.is_empty() || name.contains([':', '/']) || name.contains(char::is_whitespace) {
            return Err(InvalidRemote::Name(name.to_owned()));
        }
        let address =
            Address::parse(address).map_err(|reason| InvalidRemote::Address { name: name.to_owned(), reason })?;
        let needed = match (&address, protocol) {
            (Address::Unix(_), Protocol::Simplestreams | Protocol::Oci) => Some("an https:// address"),
            (Address::Server(urls), Protocol::Simplestreams | Protocol::Oci) if urls.iter().count() > 1 => {
                Some("a single address")
            }
            (Address::Server(urls), Protocol::Incus | Protocol::Oci) if urls.iter().any(ServerUrl::is_plain) => {
                Some("an https:// address")
            }
            _ => None,
        };
        if let Some(needed) = needed {
            return Err(InvalidRemote::Mismatch { name: name.to_owned(), protocol, needed });
        }
        Ok(Self {
            name: name.to_owned(),
            address,
            protocol,
            origin: Origin::default(),
            project: None,
            public: protocol != Protocol::Incus,
            authentication: Authentication::default(),
            certificate: None,
            token: None,
            credentials_helper: None,
        })
    }

    /// A remote whose protocol and authentication type are spelled as Incus does; `incus` and `tls` where absent.
    pub(super) fn read(
        name: &str,
        address: &str,
        protocol: Option<&str>,
        authentication: Option<&str>,
    ) -> Result<Self, InvalidRemote> {
        let protocol = match protocol {
            None => Protocol::Incus,
            Some(text) => Protocol::parse(text)
                .ok_or_else(|| InvalidRemote::Protocol { name: name.to_owned(), protocol: text.to_owned() })?,
        };
        let authentication = match authentication {
            None => Authentication::Tls,
            Some(text) => Authentication::parse(text).ok_or_else(|| InvalidRemote::Authentication {
                name: name.to_owned(),
                authentication: text.to_owned(),
            })?,
        };
        Ok(Self { authentication, ..Self::new(name, address, protocol)? })
    }

    /// As [`read`](Self::read), on the port of Incus where the address names none, as with `incus remote add`.
    pub fn declare(
        name: &str,
        address: &str,
        protocol: Option<&str>,
        authentication: Option<&str>,
    ) -> Result<Self, InvalidRemote> {
        let remote = Self::read(name, address, protocol, authentication)?;
        Ok(match remote.protocol {
            Protocol::Incus => Self { address: remote.address.on_usual_port(), ..remote },
            Protocol::Simplestreams | Protocol::Oci => remote,
        })
    }

    /// The same remote, asked first at this one of its addresses.
    pub(super) fn beginning_with(self, url: &ServerUrl) -> Self {
        let address = match self.address {
            Address::Server(urls) => Address::Server(urls.beginning_with(url)),
            unix @ Address::Unix(_) => unix,
        };
        Self { address, ..self }
    }

    /// The same remote, as somebody else says.
    pub(super) fn of(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same remote, known by a certificate.
    pub fn known_by(self, certificate: Pin) -> Self {
        Self { certificate: Some(certificate), ..self }
    }

    /// The same remote, with a token to join it.
    pub fn with_token(self, token: TrustToken) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The same remote, with a program that knows the credentials for it.
    pub fn with_credentials_helper(self, program: String) -> Self {
        Self { credentials_helper: Some(program), ..self }
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

    /// The only project that is read where everybody is served alike. What is said about projects elsewhere is said of servers that know
    /// this client.
    pub(crate) fn open_project(&self) -> Option<Project> {
        (self.protocol == Protocol::Incus && self.public).then(Project::default)
    }

    /// Who says that there is such a remote.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// How it is to know us.
    pub fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// What it is declared to be known by. The `incus` client keeps that in a file instead.
    pub fn certificate(&self) -> Option<&Pin> {
        self.certificate.as_ref()
    }

    /// What lets us join it.
    pub fn token(&self) -> Option<&TrustToken> {
        self.token.as_ref()
    }

    /// The program that knows the credentials for it.
    pub fn credentials_helper(&self) -> Option<&str> {
        self.credentials_helper.as_deref()
    }
}

impl Authentication {
    /// Reads Incus's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "tls" => Some(Self::Tls),
            "oidc" => Some(Self::Oidc),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
        assert!(Remote::new("c", "https://a,https://b", Protocol::Incus).is_ok());
        let error = Remote::new("x", "https://a,https://b", Protocol::Simplestreams).unwrap_err();
        assert_eq!(error.to_string(), "remote \"x\": protocol simplestreams needs a single address");
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
