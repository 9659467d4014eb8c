//! What a server says when it does not take a token: whose tokens it takes.

use http::{HeaderMap, StatusCode};

/// The identity provider whose tokens a server takes, and by which name it knows us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) issuer: String,
    pub(crate) client: String,
}

impl Challenge {
    /// The challenge in an answer; nothing if it is none.
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        if status != StatusCode::UNAUTHORIZED {
            return None;
        }
        let said = |name: &str| headers.get(name)?.to_str().ok().filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Self { issuer: said("X-Incus-OIDC-issuer")?, client: said("X-Incus-OIDC-clientid")? })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_refusal_that_names_the_issuer_and_the_client_is_one() {
        let mut headers = HeaderMap::new();
        headers.insert("x-incus-oidc-issuer", HeaderValue::from_static("https://id"));
        assert_eq!(Challenge::of(StatusCode::UNAUTHORIZED, &headers), None);
        headers.insert("x-incus-oidc-clientid", HeaderValue::from_static("incus"));
        let challenge = Challenge::of(StatusCode::UNAUTHORIZED, &headers).unwrap();
        assert_eq!((challenge.issuer.as_str(), challenge.client.as_str()), ("https://id", "incus"));
        // A refusal for want of rights names them, too.
        assert_eq!(Challenge::of(StatusCode::FORBIDDEN, &headers), None);
    }
}
