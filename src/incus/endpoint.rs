//! How other servers reach a server. Not for how this client does, see `remotes`.

use super::{Error, ServerUrl};

/// How other servers reach a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address.
    pub url: ServerUrl,
    /// More addresses of it.
    pub more_urls: Vec<ServerUrl>,
    /// The PEM certificate by which it is known there.
    pub certificate: Option<String>,
}

impl Endpoint {
    /// What `attempt` comes to at the first of the addresses that the other server reaches, or else at the last.
    pub(crate) async fn first_reached<T, F: Future<Output = Result<T, Error>>>(
        &self,
        attempt: impl Fn(ServerUrl) -> F,
    ) -> Result<T, Error> {
        let mut outcome = attempt(self.url.clone()).await;
        for url in &self.more_urls {
            match &outcome {
                Err(error) if error.is_unreached_peer() => outcome = attempt(url.clone()).await,
                _ => break,
            }
        }
        outcome
    }
}
