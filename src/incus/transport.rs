//! Sends requests and receives answers: the one place that talks to a server. Not for building or judging them.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, Method, header};
use reqwest::multipart;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::answer::{self, Answer, Malformed};
use super::export::Content;
use super::requests::{Body, Request};
use super::{Error, Obstacle, tls};

/// Waits between the attempts of a read that found no connection.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(300), Duration::from_secs(1)];

/// Bytes read from a file at once: an upload goes at the pace of the disk, in constant memory.
const CHUNK: usize = 256 * 1024;

/// The way to one server.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    http: reqwest::Client,
    /// What comes before a request's path.
    base: &'static str,
    /// The address that users know.
    address: String,
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

impl Transport {
    /// Over a unix socket. Nothing is contacted.
    pub(crate) fn unix(socket: &Path) -> Result<Self, Error> {
        let address = socket.display().to_string();
        let impossible = |source: Box<dyn StdError + Send + Sync>| Error::Request { address: address.clone(), source };
        let tls = tls::trusting_nobody().map_err(|error| impossible(error.into()))?;
        let builder = reqwest::Client::builder()
            .unix_socket(socket)
            .tls_backend_preconfigured(tls)
            // No spare connections: Incus looks at the first bytes of a connection while it accepts it (listeners/starttls.go),
            // so that one that stays silent keeps everybody else out.
            .pool_max_idle_per_host(0);
        let http = builder.build().map_err(|error| impossible(error.into()))?;
        Ok(Self { http, base: "http://unix.socket", address })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request. `what` says what it is for, in errors. A read is tried again when no connection was made.
    pub(crate) async fn send(&self, what: &str, request: Result<Request, http::Error>) -> Result<Received, Error> {
        let request = request.map_err(|source| self.impossible(source.into()))?;
        let pauses = if request.method() == Method::GET { PAUSES.as_slice() } else { &[] };
        for pause in pauses {
            match self.attempt(what, &request).await {
                Err(Error::Unreachable { obstacle: Obstacle::Refused | Obstacle::Other, .. }) => {
                    tokio::time::sleep(*pause).await;
                }
                outcome => return outcome,
            }
        }
        self.attempt(what, &request).await
    }

    async fn attempt(&self, what: &str, request: &Request) -> Result<Received, Error> {
        let begun = Instant::now();
        let (method, path) = (request.method(), request.uri().path());
        let outcome = self.exchange(what, request).await;
        let milliseconds = begun.elapsed().as_millis();
        match &outcome {
            Ok((status, _)) => tracing::debug!(%method, path, status, milliseconds, "request"),
            Err(error) => tracing::debug!(%method, path, %error, milliseconds, "request failed"),
        }
        outcome.map(|(_, received)| received)
    }

    async fn exchange(&self, what: &str, request: &Request) -> Result<(u16, Received), Error> {
        let url = format!("{}{}", self.base, request.uri());
        let outgoing = self.http.request(request.method().clone(), url).headers(request.headers().clone());
        let outgoing = match request.body() {
            Body::Empty => outgoing,
            Body::Json(text) => outgoing.body(text.clone()),
            Body::File(path) => {
                let (body, length) = open(path).await?;
                outgoing.header(header::CONTENT_LENGTH, length).body(body)
            }
            Body::Multipart(parts) => {
                let mut form = multipart::Form::new();
                for part in parts {
                    let (body, length) = open(&part.path).await?;
                    let file = multipart::Part::stream_with_length(body, length);
                    let named = match &part.filename {
                        Some(filename) => file.file_name(filename.clone()),
                        None => file,
                    };
                    form = form.part(part.name, named);
                }
                outgoing.multipart(form)
            }
        };
        self.received(what, outgoing).await
    }

    async fn received(&self, what: &str, outgoing: reqwest::RequestBuilder) -> Result<(u16, Received), Error> {
        let response = outgoing.send().await.map_err(|error| self.broken(what, error))?;
        let status = response.status().as_u16();
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = response.bytes().await.map_err(|error| self.broken(what, error))?;
        let answer = answer::read(status, &body).map_err(|malformed| self.not_understood(what, malformed))?;
        Ok((status, Received { answer, etag }))
    }

    /// Sends a request with content that is on its way from elsewhere. It is not tried again: the content comes once.
    pub(crate) async fn pass_on(
        &self,
        what: &str,
        request: Result<Request, http::Error>,
        content: Content,
    ) -> Result<Received, Error> {
        let request = request.map_err(|source| self.impossible(source.into()))?;
        let url = format!("{}{}", self.base, request.uri());
        let outgoing = self.http.request(request.method().clone(), url).headers(request.headers().clone());
        let (_, received) = self.received(what, outgoing.body(reqwest::Body::wrap_stream(content))).await?;
        Ok(received)
    }

    /// Asks for content, which is read as it comes. It is tried again when no connection was made, as in [`send`](Self::send).
    pub(crate) async fn open(&self, what: &str, request: Result<Request, http::Error>) -> Result<Opened, Error> {
        let request = request.map_err(|source| self.impossible(source.into()))?;
        for pause in PAUSES {
            match self.ask(what, &request).await {
                Err(Error::Unreachable { obstacle: Obstacle::Refused | Obstacle::Other, .. }) => {
                    tokio::time::sleep(pause).await;
                }
                outcome => return outcome,
            }
        }
        self.ask(what, &request).await
    }

    async fn ask(&self, what: &str, request: &Request) -> Result<Opened, Error> {
        let begun = Instant::now();
        let (method, path) = (request.method(), request.uri().path());
        let url = format!("{}{}", self.base, request.uri());
        let outgoing = self.http.request(method.clone(), url).headers(request.headers().clone());
        let response = outgoing.send().await.map_err(|error| self.broken(what, error))?;
        let status = response.status();
        let milliseconds = begun.elapsed().as_millis();
        tracing::debug!(%method, path, status = status.as_u16(), milliseconds, "request for content");
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let is_content = content_type.is_some_and(|kind| !kind.as_bytes().starts_with(b"application/json"));
        if status.is_success() && is_content {
            let headers = response.headers().clone();
            let (transport, what) = (self.clone(), what.to_owned());
            let content = response.bytes_stream().map_err(move |error| transport.broken(&what, error));
            return Ok(Opened::Content(headers, content.boxed()));
        }
        let body = response.bytes().await.map_err(|error| self.broken(what, error))?;
        let answer = answer::read(status.as_u16(), &body).map_err(|malformed| self.not_understood(what, malformed))?;
        Ok(Opened::Answer(answer))
    }

    /// The error of an answer that is not as promised.
    pub(crate) fn not_understood(&self, what: &str, source: Malformed) -> Error {
        Error::Decode { what: what.to_owned(), address: self.address.clone(), source }
    }

    fn impossible(&self, source: Box<dyn StdError + Send + Sync>) -> Error {
        Error::Request { address: self.address.clone(), source }
    }

    fn broken(&self, what: &str, error: reqwest::Error) -> Error {
        let address = self.address.clone();
        let source = error.without_url();
        if source.is_builder() {
            return self.impossible(source.into());
        }
        match source.is_connect() {
            true => Error::Unreachable { address, obstacle: obstacle(&source), source },
            false => Error::Interrupted { what: what.to_owned(), address, source },
        }
    }
}

/// A file to stream, and its length.
async fn open(path: &Path) -> Result<(reqwest::Body, u64), Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let file = File::open(path).await.map_err(failed)?;
    let metadata = file.metadata().await.map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let name = path.display().to_string();
    let named = move |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
    let stream = ReaderStream::with_capacity(file, CHUNK).map_err(named);
    Ok((reqwest::Body::wrap_stream(stream), metadata.len()))
}

/// What the operating system said about a connection.
fn obstacle(error: &reqwest::Error) -> Obstacle {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return match error.kind() {
                io::ErrorKind::NotFound => Obstacle::Missing,
                io::ErrorKind::PermissionDenied => Obstacle::Forbidden,
                io::ErrorKind::ConnectionRefused => Obstacle::Refused,
                _ => Obstacle::Other,
            };
        }
        cause = error.source();
    }
    Obstacle::Other
}
