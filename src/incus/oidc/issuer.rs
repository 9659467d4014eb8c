//! Asks an identity provider for fresh tokens: the one place that talks to it. Not for deciding when.

use std::error::Error;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use oauth2::basic::{BasicClient, BasicErrorResponse};
use oauth2::{
    AsyncHttpClient, ClientId, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, TokenResponse as _, TokenUrl,
};
use reqwest::redirect::Policy;
use serde::Deserialize;

use super::tokens::Renewal;
use super::{Challenge, LoginError};
use crate::incus::tls::{self, Otherwise, Trust};

const CONNECT: Duration = Duration::from_secs(10);

/// For one request.
const WHOLE: Duration = Duration::from_secs(30);

/// The part of a provider's description of itself that matters here.
#[derive(Deserialize)]
struct Description {
    issuer: String,
    token_endpoint: String,
}

/// A client of the web. It goes nowhere else than it is sent: what it carries is secret.
struct Web(reqwest::Client);

/// Has the provider that a server names give fresh tokens for a refresh token.
pub(super) async fn renew(challenge: &Challenge, refresh: &RefreshToken) -> Result<Renewal, LoginError> {
    let Challenge { issuer, client } = challenge;
    let http = Web::new().map_err(LoginError::Client)?;
    let odd = |detail: String| LoginError::Misunderstood { issuer: issuer.clone(), detail };
    let Description { token_endpoint, .. } = describe(&http, issuer).await?;
    let endpoint = TokenUrl::new(token_endpoint).map_err(|error| odd(format!("its token_endpoint: {error}")))?;
    let client = BasicClient::new(ClientId::new(client.clone())).set_token_uri(endpoint);
    // Without scopes, they stay those of the login.
    let given = client.exchange_refresh_token(refresh).request_async(&http).await.map_err(|error| match error {
        RequestTokenError::ServerResponse(refusal) => {
            LoginError::Expired { issuer: issuer.clone(), message: words(&refusal, refresh) }
        }
        RequestTokenError::Request(source) => {
            LoginError::Unreachable { issuer: issuer.clone(), source: source.without_url() }
        }
        // These hold the answer, and with it perhaps tokens.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => odd("it gives no tokens".to_owned()),
    })?;
    tracing::info!(issuer, "the login was renewed");
    Ok(Renewal {
        access: given.access_token().clone(),
        kind: given.token_type().as_ref().to_owned(),
        refresh: given.refresh_token().cloned(),
        lifetime: given.expires_in(),
    })
}

async fn describe(Web(http): &Web, issuer: &str) -> Result<Description, LoginError> {
    let odd = |detail: String| LoginError::Misunderstood { issuer: issuer.to_owned(), detail };
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let failed =
        |error: reqwest::Error| LoginError::Unreachable { issuer: issuer.to_owned(), source: error.without_url() };
    let response = http.get(&url).send().await.map_err(failed)?;
    let status = response.status();
    if !status.is_success() {
        return Err(odd(format!("status {} from {url}", status.as_u16())));
    }
    let body = response.bytes().await.map_err(failed)?;
    let description: Description = serde_json::from_slice(&body).map_err(|error| odd(format!("{error} at {url}")))?;
    match description.issuer == issuer {
        true => Ok(description),
        // It describes another provider than the server named: its token_endpoint is not that one's.
        false => Err(odd(format!("it says that it is {:?}", description.issuer))),
    }
}

impl Web {
    fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let tls = tls::of_image_server(Trust { pin: None, otherwise: Otherwise::ThisMachine })?;
        let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none());
        Ok(Self(builder.connect_timeout(CONNECT).timeout(WHOLE).build()?))
    }
}

impl<'a> AsyncHttpClient<'a> for Web {
    type Error = reqwest::Error;
    type Future = BoxFuture<'a, Result<HttpResponse, reqwest::Error>>;

    fn call(&'a self, request: HttpRequest) -> Self::Future {
        let send = async move {
            let response = self.0.execute(request.try_into()?).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut answer = HttpResponse::new(response.bytes().await?.into());
            (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
            Ok(answer)
        };
        send.boxed()
    }
}

/// The provider's words, unless they repeat what they must not.
fn words(refusal: &BasicErrorResponse, refresh: &RefreshToken) -> String {
    let code = refusal.error().as_ref();
    match refusal.error_description() {
        Some(description) if !description.contains(refresh.secret()) => format!("{description} ({code})"),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use oauth2::basic::BasicErrorResponseType;

    use super::*;

    #[test]
    fn a_refusal_is_repeated_without_the_token() {
        let refresh = RefreshToken::new("s3cret".to_owned());
        let refused = |description: &str| {
            let refusal =
                BasicErrorResponse::new(BasicErrorResponseType::InvalidGrant, Some(description.to_owned()), None);
            words(&refusal, &refresh)
        };
        assert_eq!(refused("Session not active"), "Session not active (invalid_grant)");
        assert_eq!(refused("s3cret is no token"), "invalid_grant");
    }
}
