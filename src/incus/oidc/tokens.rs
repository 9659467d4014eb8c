//! The tokens of one remote, as the `incus` client writes them. Not for the file that they are in, see `remotes`.

use std::fmt;
use std::time::Duration;

use oauth2::{AccessToken, RefreshToken};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const ACCESS: &str = "access_token";
const TYPE: &str = "token_type";
const REFRESH: &str = "refresh_token";
const EXPIRY: &str = "expiry";

/// What the client holds of a login. What it knows beside that is kept as it is.
///
/// `expiry` is not gone by: after a login the client takes seconds for nanoseconds there, so that it is over at once (7.3).
#[derive(Clone, PartialEq)]
pub(crate) struct Tokens {
    access: String,
    all: Map<String, Value>,
}

/// What the identity provider gave in place of a token.
#[derive(Debug)]
pub(super) struct Renewal {
    pub(super) access: AccessToken,
    pub(super) kind: String,
    /// Absent where the old one goes on to serve.
    pub(super) refresh: Option<RefreshToken>,
    /// For how long the access token is good.
    pub(super) lifetime: Option<Duration>,
}

/// A text that is no JSON object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotTokens;

impl Tokens {
    /// Reads the file's text. Nothing if it holds no token, as it is before the first login.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, NotTokens> {
        let all: Map<String, Value> = serde_json::from_str(text).map_err(|_| NotTokens)?;
        let access = all.get(ACCESS).and_then(Value::as_str).filter(|token| !token.is_empty());
        Ok(access.map(str::to_owned).map(|access| Self { access, all }))
    }

    /// What the server is to know us by.
    pub(crate) fn access(&self) -> AccessToken {
        AccessToken::new(self.access.clone())
    }

    /// What renews that.
    pub(super) fn refresh(&self) -> Option<RefreshToken> {
        let token = self.all.get(REFRESH).and_then(Value::as_str).filter(|token| !token.is_empty());
        token.map(|token| RefreshToken::new(token.to_owned()))
    }

    /// The same login with what was given at `now`.
    pub(super) fn renewed(mut self, renewal: Renewal, now: OffsetDateTime) -> Self {
        let Renewal { access, kind, refresh, lifetime } = renewal;
        access.secret().clone_into(&mut self.access);
        let expiry = lifetime.and_then(|lifetime| (now + lifetime).format(&Rfc3339).ok());
        let given = [
            (ACCESS, Some(self.access.clone())),
            (TYPE, Some(kind)),
            (REFRESH, refresh.map(RefreshToken::into_secret)),
            (EXPIRY, expiry),
        ];
        self.all.remove(EXPIRY);
        self.all.extend(given.into_iter().filter_map(|(key, text)| Some((key.to_owned(), Value::String(text?)))));
        self
    }

    /// The text of the file.
    pub(crate) fn to_json(&self) -> String {
        Value::Object(self.all.clone()).to_string()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILE: &str = r#"{"access_token":"s3cret-a","token_type":"Bearer","refresh_token":"s3cret-r",
        "expiry":"2026-01-02T03:04:05.6Z","IDTokenClaims":null,"IDToken":"s3cret-i"}"#;

    fn renewal(refresh: Option<&str>, lifetime: Option<u64>) -> Renewal {
        Renewal {
            access: AccessToken::new("s3cret-a2".to_owned()),
            kind: "bearer".to_owned(),
            refresh: refresh.map(|token| RefreshToken::new(token.to_owned())),
            lifetime: lifetime.map(Duration::from_secs),
        }
    }

    #[test]
    fn what_is_renewed_is_written_and_the_rest_is_kept() {
        let now = OffsetDateTime::parse("2026-05-06T07:08:09Z", &Rfc3339).unwrap();
        let tokens = Tokens::parse(FILE).unwrap().unwrap();
        assert_eq!(
            (tokens.access().secret().as_str(), tokens.refresh().unwrap().secret().as_str()),
            ("s3cret-a", "s3cret-r")
        );
        let renewed = tokens.clone().renewed(renewal(Some("s3cret-r2"), Some(60)), now);
        let written: Value = serde_json::from_str(&renewed.to_json()).unwrap();
        let expected = json!({
            "access_token": "s3cret-a2", "token_type": "bearer", "refresh_token": "s3cret-r2",
            "expiry": "2026-05-06T07:09:09Z", "IDTokenClaims": null, "IDToken": "s3cret-i",
        });
        assert_eq!(written, expected);
        assert_eq!(Tokens::parse(&renewed.to_json()).unwrap(), Some(renewed));

        let kept = tokens.renewed(renewal(None, None), now);
        assert_eq!(kept.refresh().unwrap().secret(), "s3cret-r");
        assert!(!kept.to_json().contains("expiry"), "nobody knows");
    }

    #[test]
    fn a_file_without_a_token_is_told_from_one_that_is_none() {
        for text in ["{}", r#"{"access_token":""}"#, r#"{"access_token":1}"#] {
            assert_eq!(Tokens::parse(text), Ok(None), "{text}");
        }
        for text in ["", "null", "[]", "s3cret"] {
            assert_eq!(Tokens::parse(text), Err(NotTokens), "{text}");
        }
    }

    #[test]
    fn nothing_shows_a_token() {
        let tokens = Tokens::parse(FILE).unwrap().unwrap();
        let shown =
            format!("{tokens:?} {:?} {:?} {:?}", tokens.access(), tokens.refresh(), renewal(Some("s3cret"), None));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
