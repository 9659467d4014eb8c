//! The way to one server at one address: what carries requests there. Not for choosing an address, see `network`.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, header};
use reqwest::multipart;

use super::{Received, obstacle, streamed};
use crate::incus::contact::{ContactError, Reason};
use crate::incus::remotes::Identity;
use crate::incus::requests::{Body, Request};
use crate::incus::tls::{Observed, Trust};
use crate::incus::{Certificate, Error, ServerUrl, answer, tls};

/// Spare connections that are kept, and for how long.
const SPARE: (usize, Duration) = (4, Duration::from_secs(30));

/// A wait for an operation is silent for as long as that takes: this tells a dead connection from it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The way to one server. Copies share its connections.
#[derive(Clone, Debug)]
pub(super) struct Way {
    http: reqwest::Client,
    /// What comes before a request's path.
    base: Arc<str>,
    /// The address that users know.
    pub(super) address: Arc<str>,
    network: Option<Network>,
}

#[derive(Clone, Debug)]
struct Network {
    remote: Arc<str>,
    trust: Trust,
    observed: Arc<Observed>,
}

impl Way {
    /// To a unix socket.
    pub(super) fn unix(socket: &Path) -> Result<Self, Error> {
        let address: Arc<str> = socket.display().to_string().into();
        let tls = tls::trusting_nobody().map_err(|error| impossible(&address, error.into()))?;
        let builder = reqwest::Client::builder()
            .unix_socket(socket)
            .tls_backend_preconfigured(tls)
            // No spare connections: Incus looks at the first bytes of a connection while it accepts it (listeners/starttls.go),
            // so that one that stays silent keeps everybody else out.
            .pool_max_idle_per_host(0);
        let http = builder.build().map_err(|error| impossible(&address, error.into()))?;
        Ok(Self { http, base: "http://unix.socket".into(), address, network: None })
    }

    /// To a server on the network, which gets `limit` to let us in.
    pub(super) fn network(
        remote: &str,
        url: &ServerUrl,
        trust: Trust,
        identity: Option<Identity>,
        limit: Duration,
    ) -> Result<Self, Error> {
        let address: Arc<str> = url.as_str().into();
        let observed = Arc::new(Observed::default());
        let tls = tls::of_incus(trust.clone(), identity, Arc::clone(&observed));
        let (spare, idle) = SPARE;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| impossible(&address, error.into()))?)
            .https_only(true)
            // Incus never sends us elsewhere: who does must not see this client's certificate shown there.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limit)
            .tcp_keepalive(KEEP_ALIVE)
            .pool_max_idle_per_host(spare)
            .pool_idle_timeout(idle);
        let http = builder.build().map_err(|error| impossible(&address, error.into()))?;
        Ok(Self {
            http,
            base: Arc::clone(&address),
            address,
            network: Some(Network { remote: remote.into(), trust, observed }),
        })
    }

    /// The certificate that the server showed last; none over a unix socket.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        Some(self.network.as_ref()?.observed.last()?.0)
    }

    /// A request on its way, still without its body.
    pub(super) fn outgoing(&self, request: &Request) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.base, request.uri());
        self.http.request(request.method().clone(), url).headers(request.headers().clone())
    }

    /// Sends a request with its body.
    pub(super) async fn exchange(&self, what: &str, request: &Request) -> Result<(u16, Received), Error> {
        let outgoing = self.outgoing(request);
        let outgoing = match request.body() {
            Body::Empty => outgoing,
            Body::Json(text) => outgoing.body(text.clone()),
            Body::File(path) => {
                let (body, length) = streamed::open(path).await?;
                outgoing.header(header::CONTENT_LENGTH, length).body(body)
            }
            Body::Multipart(parts) => {
                let mut form = multipart::Form::new();
                for part in parts {
                    let (body, length) = streamed::open(&part.path).await?;
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

    /// Sends what is ready to go, and reads the answer.
    pub(super) async fn received(
        &self,
        what: &str,
        outgoing: reqwest::RequestBuilder,
    ) -> Result<(u16, Received), Error> {
        let response = outgoing.send().await.map_err(|error| self.broken(what, error))?;
        let status = response.status().as_u16();
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = response.bytes().await.map_err(|error| self.broken(what, error))?;
        let answer = answer::read(status, &body).map_err(|source| {
            let address = self.address.to_string();
            Error::Decode { what: what.to_owned(), address, source }
        })?;
        Ok((status, Received { answer, etag }))
    }

    /// The error of a connection that failed.
    pub(super) fn broken(&self, what: &str, error: reqwest::Error) -> Error {
        let source = error.without_url();
        if source.is_builder() {
            return impossible(&self.address, source.into());
        }
        let address = self.address.to_string();
        if !source.is_connect() {
            return Error::Interrupted { what: what.to_owned(), address, source };
        }
        match self.network.as_ref().map(|network| (network, network.distrust())) {
            None => Error::Unreachable { address, obstacle: obstacle::at_socket(&source), source },
            Some((_, None)) => Error::Unreachable { address, obstacle: obstacle::on_network(&source), source },
            Some((network, Some(reason))) => {
                Error::Contact(Arc::new(ContactError { remote: network.remote.to_string(), address, reason }))
            }
        }
    }
}

impl Network {
    /// Why the server is not trusted, if it is not.
    fn distrust(&self) -> Option<Reason> {
        let (certificate, verdict) = self.observed.last()?;
        Reason::distrust(&certificate, verdict, self.trust.pin.as_ref())
    }
}

pub(super) fn impossible(address: &str, source: Box<dyn StdError + Send + Sync>) -> Error {
    Error::Request { address: address.to_owned(), source }
}

/// Whether it does no harm to send a request again that may not have arrived.
pub(super) fn is_repeatable(request: &Request) -> bool {
    request.method() == Method::GET
}
