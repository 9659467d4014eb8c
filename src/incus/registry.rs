//! What a container registry asks of who copies from it: a name and a secret. They go along with one request, and nowhere else.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ServerUrl;

/// What Go writes otherwise in this part of an address. Incus repeats it so.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// A user name and a secret for one registry.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryCredentials {
    username: String,
    secret: String,
}

/// An answer that holds no credentials. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no JSON with a text \"Username\" and a text \"Secret\"")]
pub struct InvalidCredentials;

impl RegistryCredentials {
    /// Reads what a credentials helper answers.
    pub(crate) fn parse(answer: &[u8]) -> Result<Self, InvalidCredentials> {
        let answer: serde_json::Value = serde_json::from_slice(answer).map_err(|_| InvalidCredentials)?;
        let said = |name: &str| Some(answer.get(name)?.as_str()?.to_owned());
        match (said("Username"), said("Secret")) {
            (Some(username), Some(secret)) => Ok(Self { username, secret }),
            _ => Err(InvalidCredentials),
        }
    }

    /// The address with the credentials before the host, as Incus takes them.
    pub(crate) fn in_address(&self, url: &ServerUrl) -> String {
        match url.as_str().split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}@{rest}", self.user_information()),
            None => url.as_str().to_owned(),
        }
    }

    /// A text of somebody who knows them, without them.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        let secrets = [self.user_information(), encoded(&self.secret), self.secret.clone()];
        // Without a name and a secret, only what would stand between them is left.
        let told = secrets.iter().filter(|secret| !matches!(secret.as_str(), "" | ":"));
        told.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    fn user_information(&self) -> String {
        format!("{}:{}", encoded(&self.username), encoded(&self.secret))
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

impl fmt::Debug for RegistryCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistryCredentials")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn credentials() -> RegistryCredentials {
        RegistryCredentials::parse(br#"{"ServerURL":"https://r","Username":"me@work","Secret":"s3:cr/t"}"#).unwrap()
    }

    #[test]
    fn they_stand_before_the_host() {
        let url = ServerUrl::parse("https://registry.example:5000/below").unwrap();
        assert_eq!(credentials().in_address(&url), "https://me%40work:s3%3Acr%2Ft@registry.example:5000/below");
    }

    #[test]
    fn nothing_shows_them() {
        assert_eq!(format!("{:?}", credentials()), "RegistryCredentials");
        let said = "no https://me%40work:s3%3Acr%2Ft@registry.example, s3:cr/t, s3%3Acr%2Ft";
        assert_eq!(credentials().hidden_in(said), "no https://***@registry.example, ***, ***");
        let open = RegistryCredentials::parse(br#"{"Username":"","Secret":""}"#).unwrap();
        assert_eq!(open.hidden_in("https://r:5000: as it is"), "https://r:5000: as it is");
    }

    #[test]
    fn an_answer_of_another_shape_holds_none() {
        for answer in ["", "credentials not found", "{}", r#"{"Username":"me"}"#, r#"{"Username":1,"Secret":"s"}"#] {
            assert_eq!(RegistryCredentials::parse(answer.as_bytes()), Err(InvalidCredentials), "{answer}");
        }
    }
}
