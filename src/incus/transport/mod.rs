//! Sends requests and receives answers. Not for building or judging them; this folder alone talks to Incus servers.

mod again;
mod network;
mod obstacle;
mod outgoing;
mod streamed;
mod tries;
mod way;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, header};

use self::again::Effect;
use self::network::{Network, Open};
use self::tries::Tries;
use self::way::Way;
use super::answer::{Answer, Malformed};
use super::export::Content;
use super::remotes::Access;
use super::requests::Request;
use super::{Certificate, Error, Server, ServerUrl};

pub(crate) use self::outgoing::Outgoing;

/// The way to one server. Copies share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    route: Route,
    /// The address that users know, or all of them.
    address: Arc<str>,
}

#[derive(Clone, Debug)]
enum Route {
    Socket(Way),
    Network(Arc<Network>),
}

/// An answer and its `ETag`.
pub(crate) struct Received {
    pub(crate) answer: Answer,
    pub(crate) etag: Option<String>,
}

/// What comes of a request for content.
pub(crate) enum Opened {
    /// The content, still to be read, and the headers before it.
    Content(HeaderMap, Content),
    /// An answer instead.
    Answer(Answer),
}

/// A server on the network, as it was found there.
pub(crate) struct Found {
    /// The address that answers, and then the others.
    pub(crate) urls: Vec<ServerUrl>,
    /// The certificate that it shows.
    pub(crate) certificate: Option<Certificate>,
}

impl Transport {
    /// Over a unix socket. Nothing is contacted.
    pub(crate) fn unix(socket: &Path) -> Result<Self, Error> {
        let way = Way::unix(socket)?;
        Ok(Self { address: Arc::clone(&way.address), route: Route::Socket(way) })
    }

    /// Over the network. Nothing is contacted, and no file read.
    pub(crate) fn network(access: Access) -> Self {
        Self { address: access.urls.to_string().into(), route: Route::Network(Arc::new(Network::new(access))) }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What a server on the network said about itself at the first contact.
    pub(crate) async fn greeting(&self) -> Result<Option<Server>, Error> {
        match &self.route {
            Route::Socket(_) => Ok(None),
            Route::Network(network) => Ok(Some(network.open().await?.server.as_ref().clone())),
        }
    }

    /// Where the server is on the network; nothing for a socket.
    pub(crate) async fn found(&self) -> Result<Option<Found>, Error> {
        let Route::Network(network) = &self.route else { return Ok(None) };
        let Open { way, .. } = network.open().await?;
        let (mut urls, others): (Vec<_>, Vec<_>) =
            network.access().urls.iter().cloned().partition(|url| url.as_str() == &*way.address);
        urls.extend(others);
        Ok(Some(Found { urls, certificate: way.certificate() }))
    }

    /// Sends a request. `what` says what it is for, in errors. What may pass is tried again, elsewhere if there is an elsewhere:
    /// see `again`.
    pub(crate) async fn send(&self, what: &str, request: Result<Request, http::Error>) -> Result<Received, Error> {
        let request = request.map_err(|source| self.impossible(source))?;
        let mut tries = Tries::new(self, Effect::of(&request));
        loop {
            let way = tries.way().await?;
            match attempt(&way, what, &request).await {
                Err(error) => tries.failed(&way, error).await?,
                received => return received,
            }
        }
    }

    /// Sends a request with content that is on its way from elsewhere. It is not tried again: the content comes once. Where it fails
    /// to come, that is the error.
    pub(crate) async fn pass_on(
        &self,
        what: &str,
        request: Result<Request, http::Error>,
        outgoing: Outgoing,
    ) -> Result<Received, Error> {
        let request = request.map_err(|source| self.impossible(source))?;
        let way = Tries::new(self, Effect::Write).way().await?;
        let failure = Arc::<Mutex<Option<Error>>>::default();
        let passed_on = way.pass_on(what, &request, |ready| outgoing.onto(ready, &failure));
        let outcome = noted(&request, passed_on).await;
        match failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(failure) => Err(failure),
            None => outcome.map(|(_, received)| received),
        }
    }

    /// Asks for content, which is read as it comes. It is tried again as in [`send`](Self::send), but not once it comes.
    pub(crate) async fn open(&self, what: &str, request: Result<Request, http::Error>) -> Result<Opened, Error> {
        let request = request.map_err(|source| self.impossible(source))?;
        let mut tries = Tries::new(self, Effect::Read);
        loop {
            let way = tries.way().await?;
            match ask(&way, what, &request).await {
                Err(error) => tries.failed(&way, error).await?,
                opened => return opened,
            }
        }
    }

    /// The error of an answer that is not as promised.
    pub(crate) fn not_understood(&self, what: &str, source: Malformed) -> Error {
        Error::Decode { what: what.to_owned(), address: self.address.to_string(), source }
    }

    fn impossible(&self, source: http::Error) -> Error {
        way::impossible(&self.address, source.into())
    }
}

async fn attempt(way: &Way, what: &str, request: &Request) -> Result<Received, Error> {
    let (status, received) = noted(request, way.exchange(what, request)).await?;
    way.settled(what, status, &received.answer)?;
    Ok(received)
}

/// What becomes of a request, noted in the log.
async fn noted(
    request: &Request,
    exchange: impl Future<Output = Result<(u16, Received), Error>>,
) -> Result<(u16, Received), Error> {
    let begun = Instant::now();
    let (method, path) = (request.method(), request.uri().path());
    let outcome = exchange.await;
    let milliseconds = begun.elapsed().as_millis();
    match &outcome {
        Ok((status, _)) => tracing::debug!(%method, path, status, milliseconds, "request"),
        Err(error) => tracing::debug!(%method, path, %error, milliseconds, "request failed"),
    }
    outcome
}

async fn ask(way: &Way, what: &str, request: &Request) -> Result<Opened, Error> {
    let begun = Instant::now();
    let (method, path) = (request.method(), request.uri().path());
    let response = way.answered(what, request).await?;
    let status = response.status();
    let milliseconds = begun.elapsed().as_millis();
    tracing::debug!(%method, path, status = status.as_u16(), milliseconds, "request for content");
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_content = content_type.is_some_and(|kind| !kind.as_bytes().starts_with(b"application/json"));
    if status.is_success() && is_content {
        let headers = response.headers().clone();
        let (way, what) = (way.clone(), what.to_owned());
        let content = response.bytes_stream().map_err(move |error| way.broken(&what, error));
        return Ok(Opened::Content(headers, content.boxed()));
    }
    let (status, received) = way.received(what, response).await?;
    way.settled(what, status, &received.answer)?;
    Ok(Opened::Answer(received.answer))
}
