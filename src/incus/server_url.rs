//! The address of a server that is asked over the network. Not for the unix socket, see `remotes`.

use std::fmt;

use reqwest::Url;

/// An `https://` or `http://` address without credentials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerUrl(String);

/// Why a text can't be the address of a server. It never repeats a text that may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServerUrl {
    /// Not an `https://` or `http://` address at all.
    #[error("the address of a server begins with https:// or http:// and names a host")]
    NotHttp,
    /// A name or password before the host.
    #[error("the address of a server can't contain a user name or password")]
    Credentials,
}

impl ServerUrl {
    /// Reads an address. It is kept as written, since Incus stores and compares it so, without slashes at the end.
    pub fn parse(text: &str) -> Result<Self, InvalidServerUrl> {
        let url = Url::parse(text).map_err(|_| InvalidServerUrl::NotHttp)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || text.contains(char::is_whitespace) {
            return Err(InvalidServerUrl::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidServerUrl::Credentials);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// Whether it is `http://`, which nobody can trust.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
    }

    /// Whether it is on this machine, so that no proxy leads there. The `incus` client asks none for it, either.
    pub(crate) fn is_loopback(&self) -> bool {
        let url = Url::parse(&self.0).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let is_dotted = || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        matches!(host, "localhost" | "[::1]") || (host.starts_with("127.") && is_dotted())
    }

    /// The same address, on this port where it names none.
    pub(crate) fn with_port_or(self, port: u16) -> Self {
        let Some((scheme, rest)) = self.0.split_once("://") else { return self };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        match host.rsplit_once(':') {
            Some((_, end)) if !end.contains(']') => self,
            _ => Self(format!("{scheme}://{host}:{port}{path}")),
        }
    }

    /// The host, with its port where one is given.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The address, with no slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address without what stands before an `@` in its host part: image servers may need a password there.
pub(crate) fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_as_written() {
        assert_eq!(
            ServerUrl::parse("https://Images.example:8443/x/").unwrap().as_str(),
            "https://Images.example:8443/x"
        );
        assert_eq!(ServerUrl::parse("http://127.0.0.1:1").unwrap().as_str(), "http://127.0.0.1:1");
        assert_eq!(ServerUrl::parse("https://host:1/x/y").unwrap().authority(), "host:1");
        assert_eq!(ServerUrl::parse("https://host").unwrap().authority(), "host");
    }

    #[test]
    fn this_machine_has_several_addresses() {
        let is_loopback = |host: &str| ServerUrl::parse(&format!("https://{host}:8443")).unwrap().is_loopback();
        assert!(["localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "[::1]"].into_iter().all(is_loopback));
        assert!(!["localhost.example", "127.example", "10.0.0.1", "[fe80::1]"].into_iter().any(is_loopback));
    }

    #[test]
    fn what_is_no_web_address_or_holds_a_password_is_refused() {
        for text in ["", "images.example", "ftp://x", "https://", "unix:///x", "https://a b"] {
            assert_eq!(ServerUrl::parse(text), Err(InvalidServerUrl::NotHttp), "{text}");
        }
        assert_eq!(ServerUrl::parse("https://me:secret@x"), Err(InvalidServerUrl::Credentials));
    }

    #[test]
    fn credentials_are_cut_out() {
        assert_eq!(without_credentials("https://me:se@cret@host:1/a@b"), "https://host:1/a@b");
        assert_eq!(without_credentials("https://host"), "https://host");
        assert_eq!(without_credentials(""), "");
    }
}
