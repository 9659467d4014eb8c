//! The first contact with a server on the network: which of its addresses answers, whether it is the server that is meant, and
//! whether it knows us. Not for what is asked of it then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::way::Way;
use super::{Received, again};
use crate::incus::answer::Answer;
use crate::incus::certificate::Pin;
use crate::incus::contact::{ContactError, Reason};
use crate::incus::oidc::{LoginError, Session};
use crate::incus::remotes::{Access, Authentication, CredentialsError, FirstContact, Identity, MissingIdentity};
use crate::incus::requests::{self, Request};
use crate::incus::tls::{Otherwise, Trust};
use crate::incus::{Certificate, Error, Server, ServerUrl, TrustToken};

/// How long an only address may take to let us in.
const PATIENT: Duration = Duration::from_secs(10);

/// How long one of several addresses may take.
const BRISK: Duration = Duration::from_secs(3);

/// A server on the network, contacted when it is first needed.
#[derive(Debug)]
pub(super) struct Network {
    access: Access,
    session: Option<Arc<Session>>,
    latest: Mutex<Option<Attempt>>,
    has_answered: AtomicBool,
}

/// What came of going there.
#[derive(Debug)]
enum Attempt {
    Open(Open),
    Failed {
        ended: Instant,
        error: Arc<ContactError>,
    },
    /// It was open at this address, which can't answer any more.
    Left(Arc<str>),
}

/// A server that answers, and what it said about itself.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) way: Way,
    pub(super) server: Arc<Server>,
}

impl Network {
    pub(super) fn new(access: Access) -> Self {
        let Access { remote, files, .. } = &access;
        let is_logged_in = remote.authentication() == Authentication::Oidc && !remote.public();
        let session = is_logged_in.then(|| Arc::new(Session::new(files.clone(), remote.clone())));
        Self { access, session, latest: Mutex::new(None), has_answered: AtomicBool::new(false) }
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// Whether there is more than one address.
    pub(super) fn has_elsewhere(&self) -> bool {
        self.access.urls.iter().nth(1).is_some()
    }

    /// Whether nobody has answered yet.
    pub(super) fn is_new(&self) -> bool {
        !self.has_answered.load(Ordering::Relaxed)
    }

    /// The open way. A failure answers only those who waited for it: a hundred shall not wait for a hundred of them.
    pub(super) async fn open(&self) -> Result<Open, Error> {
        let asked = Instant::now();
        let mut latest = self.latest.lock().await;
        let left = match latest.as_ref() {
            Some(Attempt::Open(open)) => return Ok(open.clone()),
            Some(Attempt::Failed { error, ended }) if asked <= *ended => return Err(Error::Contact(Arc::clone(error))),
            Some(Attempt::Left(address)) => Some(Arc::clone(address)),
            _ => None,
        };
        match self.contact(left.as_deref()).await {
            Ok(open) => {
                self.has_answered.store(true, Ordering::Relaxed);
                *latest = Some(Attempt::Open(open.clone()));
                Ok(open)
            }
            Err(error) => {
                let error = Arc::new(error);
                *latest = Some(Attempt::Failed { ended: Instant::now(), error: Arc::clone(&error) });
                Err(Error::Contact(error))
            }
        }
    }

    /// Goes to another address the next time, unless that has happened already.
    pub(super) async fn leave(&self, way: &Way) {
        let mut latest = self.latest.lock().await;
        if self.has_elsewhere() && matches!(latest.as_ref(), Some(Attempt::Open(open)) if open.way.is(way)) {
            tracing::warn!(address = %way.address, "going to another member of the cluster");
            *latest = Some(Attempt::Left(Arc::clone(&way.address)));
        }
    }

    /// Tries the addresses in turn, one that was left last.
    async fn contact(&self, left: Option<&str>) -> Result<Open, ContactError> {
        let limit = if self.has_elsewhere() { BRISK } else { PATIENT };
        let failed =
            |address: String, reason| ContactError { remote: self.access.remote.name().to_owned(), address, reason };
        let mut unanswered = Vec::new();
        for url in self.access.urls.after(left) {
            match self.enter(url, limit).await {
                Err(reason) if again::is_elsewhere_better(&reason) => unanswered.push((url.to_string(), reason)),
                outcome => return outcome.map_err(|reason| failed(url.to_string(), reason)),
            }
        }
        Err(match (unanswered.pop(), unanswered.len()) {
            (Some((address, reason)), 0) => failed(address, reason),
            (last, _) => {
                unanswered.extend(last);
                failed(self.access.urls.to_string(), Reason::NobodyAnswers(unanswered))
            }
        })
    }

    /// Goes to one address, trusts who is there if that is right, and joins if that is asked for.
    async fn enter(&self, url: &ServerUrl, limit: Duration) -> Result<Open, Reason> {
        let remote = &self.access.remote;
        let trust = self.trust()?;
        let connect = |trust| {
            let identity = self.identity()?;
            let way = Way::network(remote.name(), url, trust, identity, limit).map_err(Reason::from)?;
            Ok::<_, Reason>(way.logged_in(self.session.clone()))
        };
        let way = connect(trust)?;
        let (way, server) = match greet(&way).await.map_err(Reason::from) {
            Err(Reason::UnknownServer { certificate, detail }) => {
                let seen = way.certificate().filter(|seen| self.accepts(seen));
                let Some(seen) = seen else { return Err(Reason::UnknownServer { certificate, detail }) };
                self.know(&seen)?;
                let way = connect(Trust { pin: Some(Pin::Certificate(seen)), otherwise: Otherwise::Nobody })?;
                let server = greet(&way).await?;
                (way, server)
            }
            outcome => (way, outcome?),
        };
        let server = match server.trusted() || remote.public() {
            true => server,
            // It has not even looked at the token.
            false if self.session.is_some() => return Err(LoginError::NotOffered.into()),
            false => self.join(&way).await?,
        };
        tracing::debug!(remote = remote.name(), address = url.as_str(), version = server.version(), "connected");
        Ok(Open { way, server: Arc::new(server) })
    }

    /// Whom to take for the server.
    fn trust(&self) -> Result<Trust, CredentialsError> {
        let Access { remote, files, .. } = &self.access;
        let pin = match remote.certificate() {
            Some(pin) => Some(pin.clone()),
            None => files.server_certificate(remote)?.map(Pin::Certificate),
        };
        let authorities = match &self.session {
            // They go with a client certificate, as for the `incus` client.
            Some(_) => Vec::new(),
            None => files.authorities(remote)?,
        };
        let otherwise = match &pin {
            _ if !authorities.is_empty() => Otherwise::Authorities(authorities),
            Some(_) => Otherwise::Nobody,
            None => Otherwise::ThisMachine,
        };
        Ok(Trust { pin, otherwise })
    }

    /// Who we are, where the server is to know that by a certificate.
    fn identity(&self) -> Result<Option<Identity>, CredentialsError> {
        let Access { remote, files, missing_identity, .. } = &self.access;
        if remote.public() || self.session.is_some() {
            return Ok(None);
        }
        match files.identity(remote) {
            Err(CredentialsError::Missing { .. }) if *missing_identity == MissingIdentity::Generate => {
                files.generate_identity()?;
                files.identity(remote).map(Some)
            }
            outcome => outcome.map(Some),
        }
    }

    /// Whether a server that nobody knows is the one that is meant.
    fn accepts(&self, seen: &Certificate) -> bool {
        self.access.first_contact == FirstContact::Accept || self.fitting_token(seen).is_some()
    }

    /// The token that this server made.
    fn fitting_token(&self, seen: &Certificate) -> Option<&TrustToken> {
        self.access.token().filter(|token| *token.server() == seen.fingerprint())
    }

    /// Notes a server. Where a token vouches for it, that may fail.
    fn know(&self, seen: &Certificate) -> Result<(), CredentialsError> {
        let Access { remote, files, .. } = &self.access;
        match files.know_server(remote, seen) {
            Err(error) if self.fitting_token(seen).is_some() => {
                tracing::warn!(%error, "the server's certificate is not kept");
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Has a server know us that does not, by the token.
    async fn join(&self, way: &Way) -> Result<Server, Reason> {
        let seen = way.certificate();
        let token = match (self.access.token(), seen.as_ref().and_then(|seen| self.fitting_token(seen))) {
            (_, Some(token)) => token,
            (Some(_), None) if self.access.remote.token().is_some() => return Err(Reason::ForeignToken),
            _ => {
                let own = self.access.files.identity(&self.access.remote)?;
                return Err(Reason::Untrusted { client: own.certificate.fingerprint() });
            }
        };
        let joined = send(way, "join the server", requests::join(token)).await?;
        // Another process may have been faster.
        let server = greet(way).await?;
        match joined {
            _ if server.trusted() => {
                tracing::info!(address = %way.address, "the server trusts this client from now on");
                Ok(server)
            }
            Answer::Refused { message, .. } => Err(Reason::TokenRefused { message }),
            _ => Err(Reason::TokenRefused { message: "it still does not trust this client".to_owned() }),
        }
    }
}

/// Asks a server who it is.
async fn greet(way: &Way) -> Result<Server, Error> {
    let what = "read the server's description";
    match send(way, what, requests::server()).await? {
        Answer::Done(server) => Server::from_json(&server).map_err(|source| way.not_understood(what, source)),
        answer => Err(answer.unexpected(what, &way.address)),
    }
}

async fn send(way: &Way, what: &str, request: Result<Request, http::Error>) -> Result<Answer, Error> {
    let request = request.map_err(|source| super::way::impossible(&way.address, source.into()))?;
    let Received { answer, .. } = super::attempt(way, what, &request).await?;
    Ok(answer)
}

impl From<Error> for Reason {
    fn from(error: Error) -> Self {
        match error {
            Error::Unreachable { obstacle, source, .. } => Self::Unreachable { obstacle, source },
            Error::Contact(error) => match Arc::try_unwrap(error) {
                Ok(ContactError { reason, .. }) => reason,
                Err(shared) => Self::Other(Box::new(Error::Contact(shared))),
            },
            other => Self::Other(Box::new(other)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::incus::certificate::tests::valid;
    use crate::incus::remotes::{Address, ClientFiles, Environment, MissingIdentity, Remote};

    #[test]
    fn the_authorities_of_a_client_go_with_its_certificate_and_not_with_a_login() {
        let (folder, authorities) = (tempfile::tempdir().unwrap(), [valid(-1, 1), valid(-1, 1)]);
        let bundle: String = authorities.iter().map(Certificate::to_pem).collect();
        std::fs::write(folder.path().join("client.ca"), bundle).unwrap();
        let config_directory = Some(folder.path().to_owned());
        let files = ClientFiles::of(&Environment { config_directory, ..Environment::default() });
        let otherwise = |authentication: &str| {
            let remote = Remote::declare("far", "https://far", None, Some(authentication)).unwrap();
            let Address::Server(urls) = remote.address().clone() else { return None };
            let (first_contact, missing_identity) = (FirstContact::Refuse, MissingIdentity::Refuse);
            let access = Access { remote, urls, files: files.clone(), first_contact, missing_identity, token: None };
            Some(Network::new(access).trust().unwrap().otherwise)
        };
        assert_eq!(otherwise("tls"), Some(Otherwise::Authorities(authorities.to_vec())));
        assert_eq!(otherwise("oidc"), Some(Otherwise::ThisMachine));
    }
}
