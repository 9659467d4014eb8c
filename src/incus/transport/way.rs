//! The way to one server at one address: what carries requests there. Not for choosing an address, see `network`.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header;
use reqwest::{RequestBuilder, Response, multipart};

use super::{Received, again, obstacle, streamed};
use crate::incus::answer::{self, Answer};
use crate::incus::contact::{ContactError, Reason};
use crate::incus::oidc::{AccessToken, Challenge, LoginError, Session};
use crate::incus::remotes::Identity;
use crate::incus::requests::{self, Body, Request};
use crate::incus::tls::{Observed, Trust};
use crate::incus::{Certificate, Error, Malformed, ServerUrl, tls};

/// Spare connections that are kept, and for how long.
const SPARE: (usize, Duration) = (4, Duration::from_secs(30));

/// A wait for an operation is silent for as long as that takes: this tells a dead connection from it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What another process has renewed long ago may be over, too; what is fresh is not.
const RENEWALS: usize = 2;

/// The way to one server. Copies share its connections.
#[derive(Clone, Debug)]
pub(super) struct Way {
    http: reqwest::Client,
    /// What comes before a request's path.
    base: Arc<str>,
    /// The address that users know.
    pub(super) address: Arc<str>,
    peer: Option<Peer>,
}

/// A server on the network: who it is to be, and who we are to it.
#[derive(Clone, Debug)]
struct Peer {
    remote: Arc<str>,
    trust: Trust,
    observed: Arc<Observed>,
    /// The login by which the server knows us, if it is not by a certificate.
    session: Option<Arc<Session>>,
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
        Ok(Self { http, base: "http://unix.socket".into(), address, peer: None })
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
        let builder = if url.is_loopback() { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|error| impossible(&address, error.into()))?;
        Ok(Self {
            http,
            base: Arc::clone(&address),
            address,
            peer: Some(Peer { remote: remote.into(), trust, observed, session: None }),
        })
    }

    /// The same way, for a server that knows us by a login.
    pub(super) fn logged_in(self, session: Option<Arc<Session>>) -> Self {
        let peer = self.peer.map(|peer| Peer { session, ..peer });
        Self { peer, ..self }
    }

    /// Whether this is the very same way, and no later one to the same address.
    pub(super) fn is(&self, other: &Way) -> bool {
        Arc::ptr_eq(&self.address, &other.address)
    }

    /// The certificate that the server showed last; none over a unix socket.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        Some(self.peer.as_ref()?.observed.last()?.0)
    }

    /// Sends a request with its body.
    pub(super) async fn exchange(&self, what: &str, request: &Request) -> Result<(u16, Received), Error> {
        if matches!(request.body(), Body::File(_) | Body::Multipart(_)) {
            self.prove(what).await?;
        }
        self.received(what, self.answered(what, request).await?).await
    }

    /// Sends a request whose content, which `load` gives it, comes once.
    pub(super) async fn pass_on(
        &self,
        what: &str,
        request: &Request,
        load: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(u16, Received), Error> {
        let token = self.prove(what).await?;
        let loaded = load(self.outgoing(request, token.as_ref()));
        let response = loaded.send().await.map_err(|error| self.broken(what, error))?;
        self.received(what, response).await
    }

    /// What a server answers to a request. One that does not take our login any more is asked again with a new one.
    pub(super) async fn answered(&self, what: &str, request: &Request) -> Result<Response, Error> {
        let Some(session) = self.session() else { return self.sent(what, request, None).await };
        let mut token = session.token().await.map_err(|error| self.locked_out(error))?;
        let mut response = self.sent(what, request, Some(&token)).await?;
        for _ in 0..RENEWALS {
            let Some(challenge) = Challenge::of(response.status(), response.headers()) else { return Ok(response) };
            token = session.renewed(&token, challenge).await.map_err(|error| self.locked_out(error))?;
            response = self.sent(what, request, Some(&token)).await?;
        }
        if Challenge::of(response.status(), response.headers()).is_none() {
            return Ok(response);
        }
        let message = match self.received(what, response).await?.1.answer {
            Answer::Refused { message, .. } => message,
            Answer::Done(_) | Answer::Begun(_) => "status 401".to_owned(),
        };
        Err(self.locked_out(LoginError::Refused { message }))
    }

    /// The login that the server is known to take now: a long upload is not begun with another one, as the refusal of that may be lost
    /// together with the connection.
    async fn prove(&self, what: &str) -> Result<Option<AccessToken>, Error> {
        let Some(session) = self.session() else { return Ok(None) };
        let question = requests::server().map_err(|error| impossible(&self.address, error.into()))?;
        self.answered(what, &question).await?;
        session.token().await.map(Some).map_err(|error| self.locked_out(error))
    }

    fn session(&self) -> Option<&Arc<Session>> {
        self.peer.as_ref()?.session.as_ref()
    }

    async fn sent(&self, what: &str, request: &Request, token: Option<&AccessToken>) -> Result<Response, Error> {
        let outgoing = with_body(self.outgoing(request, token), request.body()).await?;
        outgoing.send().await.map_err(|error| self.broken(what, error))
    }

    /// A request on its way, still without its body.
    fn outgoing(&self, request: &Request, token: Option<&AccessToken>) -> RequestBuilder {
        let url = format!("{}{}", self.base, request.uri());
        let outgoing = self.http.request(request.method().clone(), url).headers(request.headers().clone());
        match token {
            Some(token) => outgoing.bearer_auth(token.secret()),
            None => outgoing,
        }
    }

    /// An answer, with its status.
    pub(super) async fn received(&self, what: &str, response: Response) -> Result<(u16, Received), Error> {
        let status = response.status().as_u16();
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = response.bytes().await.map_err(|error| self.broken(what, error))?;
        let answer = answer::read(status, &body).map_err(|source| self.not_understood(what, source))?;
        Ok((status, Received { answer, etag }))
    }

    fn locked_out(&self, error: LoginError) -> Error {
        let remote = self.peer.as_ref().map_or_else(String::new, |peer| peer.remote.to_string());
        let address = self.address.to_string();
        Error::Contact(Arc::new(ContactError { remote, address, reason: error.into() }))
    }

    /// Refuses an answer that only says that a server on the network can't answer now. The status is that of HTTP: the end of an
    /// operation is told with 200, whatever it is.
    pub(super) fn settled(&self, what: &str, http_status: u16, answer: &Answer) -> Result<(), Error> {
        match answer {
            Answer::Refused { message, .. } if self.peer.is_some() && again::is_unsettled(http_status, message) => {
                Err(answer.clone().unexpected(what, &self.address))
            }
            _ => Ok(()),
        }
    }

    /// The error of an answer that is not as promised.
    pub(super) fn not_understood(&self, what: &str, source: Malformed) -> Error {
        Error::Decode { what: what.to_owned(), address: self.address.to_string(), source }
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
        match self.peer.as_ref().map(|peer| (peer, peer.distrust())) {
            None => Error::Unreachable { address, obstacle: obstacle::at_socket(&source), source },
            Some((_, None)) => Error::Unreachable { address, obstacle: obstacle::on_network(&source), source },
            Some((peer, Some(reason))) => {
                Error::Contact(Arc::new(ContactError { remote: peer.remote.to_string(), address, reason }))
            }
        }
    }
}

async fn with_body(outgoing: RequestBuilder, body: &Body) -> Result<RequestBuilder, Error> {
    Ok(match body {
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
    })
}

impl Peer {
    /// Why the server is not trusted, if it is not.
    fn distrust(&self) -> Option<Reason> {
        let (certificate, verdict) = self.observed.last()?;
        Reason::distrust(&certificate, verdict, self.trust.pin.as_ref())
    }
}

pub(super) fn impossible(address: &str, source: Box<dyn StdError + Send + Sync>) -> Error {
    Error::Request { address: address.to_owned(), source }
}
