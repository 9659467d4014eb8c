//! The address of an image file on the web, which a server fetches itself. Not for servers of images, see `server_url`.

use std::fmt;

use reqwest::Url;

/// An `https://` address of a file, without credentials, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUrl(String);

/// Why a text can't be the address of a file. It never repeats a text that may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFileUrl {
    /// Not an `https://` address.
    #[error("the address of a file on the web begins with https:// and names a host")]
    NotHttps,
    /// A name or password before the host.
    #[error(
        "the address of a file on the web can't contain a user name or password: the server would show it to everybody"
    )]
    Credentials,
}

impl FileUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, InvalidFileUrl> {
        let url = Url::parse(text).map_err(|_| InvalidFileUrl::NotHttps)?;
        if url.scheme() != "https" || !url.has_host() || text.contains(char::is_whitespace) {
            return Err(InvalidFileUrl::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidFileUrl::Credentials);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fetched_over_https_and_without_a_password() {
        let address = "https://example.org/images/a.tar.gz?version=1";
        assert_eq!(FileUrl::parse(address).unwrap().as_str(), address);
        for text in ["", "http://example.org/a", "https://", "ftp://example.org/a", "https://example.org/a b"] {
            assert_eq!(FileUrl::parse(text), Err(InvalidFileUrl::NotHttps), "{text}");
        }
        assert_eq!(FileUrl::parse("https://me:secret@example.org/a"), Err(InvalidFileUrl::Credentials));
        assert_eq!(FileUrl::parse("https://me@example.org/a"), Err(InvalidFileUrl::Credentials));
    }
}
