//! Where a server is. Not for finding the local socket, see `socket`.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::incus::{InvalidServerUrl, ServerUrl};

/// The port of an Incus server where none is given, as with `incus remote add`.
const PORT: u16 = 8443;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Here, behind a unix socket; `None` is the usual one.
    Unix(Option<PathBuf>),
    /// On the network.
    Server(ServerUrls),
}

/// The addresses of one server or cluster: at least one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerUrls {
    first: ServerUrl,
    more: Vec<ServerUrl>,
}

impl Address {
    /// Reads an address, or several with commas between.
    pub fn parse(text: &str) -> Result<Self, InvalidServerUrl> {
        match text.strip_prefix("unix:") {
            Some(rest) => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Ok(Self::Unix(None)),
                path => Ok(Self::Unix(Some(Path::new(path).to_owned()))),
            },
            None => ServerUrls::parse(text).map(Self::Server),
        }
    }

    /// The same address, with the port of Incus where none is given.
    pub(super) fn on_usual_port(self) -> Self {
        let Self::Server(urls) = self else { return self };
        let more = urls.more.into_iter().map(|url| url.with_port_or(PORT)).collect();
        Self::Server(ServerUrls { first: urls.first.with_port_or(PORT), more })
    }
}

impl ServerUrls {
    fn parse(text: &str) -> Result<Self, InvalidServerUrl> {
        let mut urls = text.split(',').map(str::trim).filter(|url| !url.is_empty()).map(ServerUrl::parse);
        let first = urls.next().unwrap_or(Err(InvalidServerUrl::NotHttp))?;
        Ok(Self { first, more: urls.collect::<Result<_, _>>()? })
    }

    /// The first address.
    pub fn first(&self) -> &ServerUrl {
        &self.first
    }

    /// All addresses, in order.
    pub fn iter(&self) -> impl Iterator<Item = &ServerUrl> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// All addresses in a circle that ends with this one, if it is among them.
    pub(crate) fn after(&self, left: Option<&str>) -> impl Iterator<Item = &ServerUrl> {
        let place = self.iter().position(|url| Some(url.as_str()) == left).map_or(0, |place| place.saturating_add(1));
        self.iter().skip(place).chain(self.iter().take(place))
    }

    /// The same addresses, this one first if it is among them.
    pub(super) fn beginning_with(self, url: &ServerUrl) -> Self {
        let (mut same, others): (Vec<_>, Vec<_>) = self.iter().cloned().partition(|one| one == url);
        match same.pop() {
            Some(first) => Self { first, more: others },
            None => self,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(None) => f.write_str("unix://"),
            Self::Unix(Some(path)) => write!(f, "unix://{}", path.display()),
            Self::Server(urls) => urls.fmt(f),
        }
    }
}

impl fmt::Display for ServerUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.more.iter().try_for_each(|url| write!(f, ", {url}"))
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
        for text in ["unix:///run/s", "unix://", "https://host:8443", "https://a, https://b"] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
        for text in ["", ",", "images.example", "https://a,b"] {
            assert_eq!(Address::parse(text), Err(InvalidServerUrl::NotHttp), "{text}");
        }
    }

    #[test]
    fn several_addresses_stand_between_commas_and_the_one_that_worked_comes_first() {
        let Address::Server(urls) = Address::parse("https://a:1,https://b:2 , https://c:3/,").unwrap() else { return };
        assert_eq!(
            urls.iter().map(ServerUrl::as_str).collect::<Vec<_>>(),
            ["https://a:1", "https://b:2", "https://c:3"]
        );
        let worked = |url: &str| urls.clone().beginning_with(&ServerUrl::parse(url).unwrap()).to_string();
        assert_eq!(worked("https://c:3"), "https://c:3, https://a:1, https://b:2");
        assert_eq!(worked("https://d:4"), "https://a:1, https://b:2, https://c:3");
    }

    #[test]
    fn an_address_that_was_left_comes_last() {
        let Address::Server(urls) = Address::parse("https://a,https://b,https://c").unwrap() else { return };
        let after = |left| urls.after(left).map(|url| url.as_str().replace("https://", "")).collect::<String>();
        assert_eq!(
            [None, Some("https://a"), Some("https://b"), Some("https://c")].map(after),
            ["abc", "bca", "cab", "abc"]
        );
        assert_eq!(after(Some("https://d")), "abc");
    }

    #[test]
    fn the_usual_port_is_that_of_incus() {
        let completed = |text: &str| Address::parse(text).unwrap().on_usual_port().to_string();
        assert_eq!(
            completed("https://a, https://b:443, https://[::1], https://[::1]:1"),
            "https://a:8443, https://b:443, https://[::1]:8443, https://[::1]:1"
        );
        assert_eq!(completed("https://a/below"), "https://a:8443/below");
        assert_eq!(completed("unix:///s"), "unix:///s");
    }
}
