//! A trust token: what `incus config trust add` prints, and lets one client join one server once. Not for joining, see `transport`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::answer::text;
use super::certificate::CertificateFingerprint;

/// A trust token.
#[derive(Clone, PartialEq, Eq)]
pub struct TrustToken {
    text: String,
    server: CertificateFingerprint,
}

/// Why a text is no trust token. It repeats nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a trust token, as `incus config trust add NAME` prints one")]
pub struct InvalidTrustToken;

impl TrustToken {
    /// Reads a token.
    pub fn parse(text: &str) -> Result<Self, InvalidTrustToken> {
        let token = text.trim();
        let json = STANDARD.decode(token).map_err(|_| InvalidTrustToken)?;
        let content: Value = serde_json::from_slice(&json).map_err(|_| InvalidTrustToken)?;
        let said = |name: &str| self::text(&content, name).map_err(|_| InvalidTrustToken);
        said("secret")?;
        let server = CertificateFingerprint::parse(said("fingerprint")?).map_err(|_| InvalidTrustToken)?;
        Ok(Self { text: token.to_owned(), server })
    }

    /// The certificate of the server that made it.
    pub(crate) fn server(&self) -> &CertificateFingerprint {
        &self.server
    }

    /// The token, for that server alone.
    pub(crate) fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for TrustToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustToken(of {})", self.server)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(content: &Value) -> String {
        STANDARD.encode(content.to_string())
    }

    #[test]
    fn it_names_its_server_and_hides_its_secret() {
        let server = "ab".repeat(32);
        let text =
            token(&json!({"client_name": "me", "fingerprint": server, "secret": "s3cret", "addresses": ["h:1"]}));
        let read = TrustToken::parse(&format!("{text}\n")).unwrap();
        assert_eq!((read.server().to_string(), read.reveal()), (server, text.as_str()));
        assert!(!format!("{read:?}").contains(&text) && !format!("{read:?}").contains("s3cret"));
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        let no_server = token(&json!({"secret": "s3cret"}));
        let no_secret = token(&json!({"fingerprint": "ab".repeat(32)}));
        for text in ["", "no token", "bm8=", &no_server, &no_secret] {
            assert_eq!(TrustToken::parse(text), Err(InvalidTrustToken), "{text}");
        }
    }
}
