//! What a server says about itself. Not about its images.

use std::collections::BTreeSet;

use serde_json::Value;

use super::RefusedAlias;
use super::answer::{Malformed, list, text};

/// A server, as it was when first asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    version: String,
    trusted: bool,
    extensions: BTreeSet<String>,
    architectures: Vec<String>,
    addresses: Vec<String>,
    certificate: Option<String>,
}

impl Server {
    /// Its version, such as `6.0.4`; empty for a client that isn't trusted.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it lets this client change anything.
    pub fn trusted(&self) -> bool {
        self.trusted
    }

    /// Whether it has an API extension, such as `image_import_alias`.
    pub fn has(&self, extension: &str) -> bool {
        self.extensions.contains(extension)
    }

    /// Whether it lets nothing new be called by a name that is not [strict](super::Alias::strict) for this reason. No API extension
    /// tells: Incus does so from 6.0.5 and from 6.16 on, not in between, and takes single characters again from 7.0 on.
    pub fn refuses(&self, reason: RefusedAlias) -> bool {
        let mut numbers = self.version.split('.').map(|number| number.parse().unwrap_or_default());
        let version = [numbers.next(), numbers.next(), numbers.next()].map(Option::unwrap_or_default);
        match (version, reason) {
            ([6, 0, patch], RefusedAlias::Single) => matches!(patch, 5 | 6),
            ([6, 0, patch], _) => patch >= 5,
            ([6, minor, _], _) => minor >= 16,
            (_, RefusedAlias::Single) => false,
            ([major, ..], _) => major > 6_u32,
        }
    }

    /// What it can run, its own first: `x86_64`, `i686`. Empty for a client that isn't trusted.
    pub fn architectures(&self) -> &[String] {
        &self.architectures
    }

    /// Where it listens on the network, such as `10.0.0.1:8443`; empty where it does not, and for a client that isn't trusted.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// The PEM certificate by which it is known there.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    pub(crate) fn from_json(server: &Value) -> Result<Self, Malformed> {
        let environment = server.get("environment");
        let said = |key: &str| environment.and_then(|environment| environment.get(key)).and_then(Value::as_str);
        let listed = |key: &str| {
            let texts = environment.map_or(Ok(&[][..]), |environment| list(environment, key))?;
            Ok(texts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        Ok(Self {
            version: said("server_version").unwrap_or_default().to_owned(),
            trusted: text(server, "auth")? == "trusted",
            extensions: list(server, "api_extensions")?.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            architectures: listed("architectures")?,
            addresses: listed("addresses")?,
            certificate: said("certificate").filter(|pem| !pem.is_empty()).map(str::to_owned),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trusting_server_tells_its_version() {
        let environment = json!({
            "server_version": "6.0.4", "architectures": ["x86_64", "i686"], "addresses": ["10.0.0.1:8443"], "certificate": "PEM",
        });
        let server =
            json!({"auth": "trusted", "api_extensions": ["etag", "images_expiry"], "environment": environment});
        let server = Server::from_json(&server).unwrap();
        assert_eq!((server.version(), server.trusted()), ("6.0.4", true));
        assert_eq!(server.architectures(), ["x86_64", "i686"]);
        assert_eq!((server.addresses(), server.certificate()), (&["10.0.0.1:8443".to_owned()][..], Some("PEM")));
        assert!(server.has("images_expiry") && !server.has("image"));
    }

    #[test]
    fn newer_servers_are_strict_about_names() {
        let refuses = |version: &str, reason| {
            let server = json!({"auth": "trusted", "api_extensions": [], "environment": {"server_version": version}});
            Server::from_json(&server).unwrap().refuses(reason)
        };
        for version in ["6.0.5", "6.0.10", "6.16", "6.16.1", "6.20", "7.0.0", "10.1"] {
            assert!(refuses(version, RefusedAlias::End), "{version}");
        }
        for version in ["", "5.21.3", "6.0", "6.0.4", "6.1", "6.15", "6.15.9", "unknown"] {
            assert!(!refuses(version, RefusedAlias::End) && !refuses(version, RefusedAlias::Single), "{version}");
        }
        for (version, refused) in [("6.0.5", true), ("6.0.6", true), ("6.0.7", false), ("6.23", true), ("7.0.0", false)]
        {
            assert_eq!(refuses(version, RefusedAlias::Single), refused, "{version}");
        }
    }

    #[test]
    fn an_untrusted_client_learns_little() {
        let server = Server::from_json(&json!({"auth": "untrusted", "api_extensions": ["etag"]})).unwrap();
        assert_eq!((server.version(), server.trusted()), ("", false));
        assert!(server.architectures().is_empty());
    }
}
