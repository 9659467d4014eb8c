//! What can be asked of a server: its images, their aliases, and bringing images in. Not for building requests nor for
//! sending them, and not for deciding what ought to be done.

mod overlap;
mod relay;
mod shared;
mod transfers;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use http::Method;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use self::shared::SharedReads;
use super::answer::{Answer, Malformed, text};
use super::operation::fingerprint_in_url;
use super::remotes::Access;
use super::requests::{self, Request};
use super::transport::{Opened, Received, Transport};
use super::{
    Alias, AliasEntry, Endpoint, Error, Export, Fingerprint, FingerprintPrefix, Image, ImageFields, InstanceName,
    Project, Secret, Server, ServerUrl, Turn, Turns, wait,
};

pub use transfers::Imported;

/// A client of one server. Copies share its connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    transport: Transport,
    server: OnceCell<Server>,
    reads: SharedReads,
    aliases: Turns<Alias>,
}

/// How an image went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// By us.
    Deleted,
    /// Before us.
    AlreadyGone,
}

impl Client {
    /// A client of the server behind a unix socket. Nothing is contacted.
    pub fn unix(socket: &Path) -> Result<Self, Error> {
        Transport::unix(socket).map(Self::over)
    }

    /// A client of the server that a remote names. Nothing is contacted.
    pub fn network(access: Access) -> Self {
        Self::over(Transport::network(access))
    }

    fn over(transport: Transport) -> Self {
        let (server, reads, aliases) = (OnceCell::new(), SharedReads::default(), Turns::default());
        Self { shared: Arc::new(Shared { transport, server, reads, aliases }) }
    }

    /// The address asked, or all of them: the path of the socket, or where the server is on the network.
    pub fn address(&self) -> &str {
        self.transport().address()
    }

    /// The server itself, asked once.
    pub async fn server(&self) -> Result<Server, Error> {
        let what = "read the server's description";
        let ask = async || {
            if let Some(server) = self.transport().greeting().await? {
                return Ok(server);
            }
            let (server, _) = self.done(what, requests::server()).await?;
            Server::from_json(&server).map_err(|malformed| self.decode(what, malformed))
        };
        self.shared.server.get_or_try_init(ask).await.cloned()
    }

    /// All images of a project, the newest first. One that can't be understood is left out, with a warning in the log.
    pub async fn images(&self, project: &Project) -> Result<Vec<Image>, Error> {
        self.listed(requests::images(project)).await
    }

    /// The same of all projects that this client may see.
    pub async fn images_of_all_projects(&self) -> Result<Vec<Image>, Error> {
        self.listed(requests::images_of_all_projects()).await
    }

    async fn listed(&self, request: Result<Request, http::Error>) -> Result<Vec<Image>, Error> {
        let what = "list the images";
        let (list, _) = self.done(what, request).await?;
        let mut images: Vec<Image> = self.array(what, &list)?.iter().filter_map(understood).collect();
        images.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
        Ok(images)
    }

    /// The image with precisely this fingerprint. In a project that doesn't exist there is none.
    pub async fn image(&self, project: &Project, fingerprint: &Fingerprint) -> Result<Option<Image>, Error> {
        let what = format!("read image {fingerprint}");
        let Some((image, etag)) = found(self.done(&what, requests::image(project, fingerprint)).await)? else {
            return Ok(None);
        };
        let image = Image::from_json(&image, etag).map_err(|malformed| self.decode(&what, malformed))?;
        Ok(Some(image).filter(|image| image.fingerprint == *fingerprint))
    }

    /// The fingerprints that begin so, sorted. Incus's own search by prefix takes `%` and capitals too, hence the list.
    pub async fn images_with_prefix(
        &self,
        project: &Project,
        prefix: &FingerprintPrefix,
    ) -> Result<Vec<Fingerprint>, Error> {
        let what = "list the images";
        let (list, _) = self.done(what, requests::image_urls(project)).await?;
        let urls = self.array(what, &list)?.iter().filter_map(Value::as_str);
        let mut found: Vec<_> = urls.filter_map(fingerprint_in_url).filter(|found| prefix.matches(found)).collect();
        found.sort();
        Ok(found)
    }

    /// Waits until nobody else in this process has a turn at one of these aliases. Incus deletes, renames and points elsewhere what it
    /// is told to, whatever that names by then: who looks at an alias and then writes it takes turns with the others, in whichever
    /// projects, for these may share their images. Nobody waits for a second turn while having one.
    pub async fn turn_at(&self, aliases: impl IntoIterator<Item = &Alias>) -> Vec<Turn> {
        let mut turns = Vec::new();
        // In the same order everywhere, so that no two wait for each other.
        for alias in aliases.into_iter().collect::<BTreeSet<_>>() {
            turns.push(self.shared.aliases.at(alias.clone()).await);
        }
        turns
    }

    /// What an alias points at.
    pub async fn alias(&self, project: &Project, alias: &Alias) -> Result<Option<AliasEntry>, Error> {
        let what = format!("read alias \"{alias}\"");
        let Some((entry, etag)) = found(self.done(&what, requests::alias(project, alias)).await)? else {
            return Ok(None);
        };
        AliasEntry::from_json(&entry, etag).map(Some).map_err(|malformed| self.decode(&what, malformed))
    }

    /// Gives an image a name; [`Error::AliasTaken`] if any image has it.
    pub async fn create_alias(
        &self,
        project: &Project,
        alias: &Alias,
        target: &Fingerprint,
        description: &str,
    ) -> Result<(), Error> {
        let what = format!("create alias \"{alias}\"");
        let request = requests::create_alias(project, alias, target, description);
        self.done(&what, request).await.map(drop).map_err(|error| self.taken(alias, error))
    }

    /// Gives an alias another name; [`Error::AliasTaken`] if any image has it.
    pub async fn rename_alias(&self, project: &Project, from: &Alias, to: &Alias) -> Result<(), Error> {
        let what = format!("rename alias \"{from}\" to \"{to}\"");
        self.done(&what, requests::rename_alias(project, from, to))
            .await
            .map(drop)
            .map_err(|error| self.taken(to, error))
    }

    /// Points a name at another image, in one step, its description kept; [`Error::Changed`] if it is not as it was read.
    pub async fn retarget_alias(
        &self,
        project: &Project,
        alias: &AliasEntry,
        target: &Fingerprint,
    ) -> Result<(), Error> {
        let what = format!("point alias \"{}\" at image {target}", alias.name);
        let changed =
            || Error::Changed { thing: format!("alias \"{}\"", alias.name), address: self.address().to_owned() };
        let Some(etag) = &alias.etag else { return Err(changed()) };
        match self.done(&what, requests::retarget_alias(project, alias, target, etag)).await {
            // Of two attempts, the first may have arrived.
            Err(Error::Server { status: 412, .. }) => match self.alias(project, &alias.name).await? {
                Some(now) if now.target == *target && now.description == alias.description => Ok(()),
                _ => Err(changed()),
            },
            outcome => outcome.map(drop),
        }
    }

    /// Takes a name away; done if nothing has it.
    pub async fn delete_alias(&self, project: &Project, alias: &Alias) -> Result<(), Error> {
        let what = format!("delete alias \"{alias}\"");
        found(self.done(&what, requests::delete_alias(project, alias)).await).map(drop)
    }

    /// Writes all fields of an image as it was read; [`Error::Changed`] if it isn't so any more.
    pub async fn update_image(&self, project: &Project, image: &Image, fields: &ImageFields) -> Result<(), Error> {
        let what = format!("update image {}", image.fingerprint);
        let changed =
            || Error::Changed { thing: format!("image {}", image.fingerprint), address: self.address().to_owned() };
        let etag = match &image.etag {
            Some(etag) => etag.clone(),
            None => {
                let now = self.image(project, &image.fingerprint).await?.filter(|now| now.fields() == image.fields());
                now.and_then(|now| now.etag).ok_or_else(changed)?
            }
        };
        match self.done(&what, requests::update_image(project, &image.fingerprint, &etag, fields)).await {
            Err(Error::Server { status: 412, .. }) => Err(changed()),
            outcome => outcome.map(drop),
        }
    }

    /// Deletes an image and its aliases. Once begun it can't be stopped; it takes a moment.
    pub async fn delete_image(
        &self,
        project: &Project,
        fingerprint: &Fingerprint,
        stop: &CancellationToken,
    ) -> Result<Deletion, Error> {
        let what = format!("delete image {fingerprint}");
        if stop.is_cancelled() {
            return Err(stopped(&what));
        }
        let Some(begun) = found(self.begun(&what, requests::delete_image(project, fingerprint)).await)? else {
            return Ok(Deletion::AlreadyGone);
        };
        match wait::finish(self.transport(), &what, &begun, &CancellationToken::new()).await {
            Ok(_) => Ok(Deletion::Deleted),
            Err(Error::Operation { message, .. }) if message.contains("not found") => Ok(Deletion::AlreadyGone),
            Err(error) => Err(error),
        }
    }

    /// Whether there is such a project.
    pub async fn has_project(&self, project: &Project) -> Result<bool, Error> {
        let what = format!("read project {project}");
        Ok(found(self.done(&what, requests::project(project)).await)?.is_some())
    }

    /// Whether there is such an instance or snapshot.
    pub async fn has_instance(&self, project: &Project, instance: &InstanceName) -> Result<bool, Error> {
        let what = format!("read instance {instance}");
        Ok(found(self.done(&what, requests::instance(project, instance)).await)?.is_some())
    }

    /// What lets another server read a private image once. Unused, it serves until the daemon ends: it is to be
    /// [withdrawn](Self::withdraw).
    pub async fn secret(&self, project: &Project, fingerprint: &Fingerprint) -> Result<Secret, Error> {
        let what = format!("allow another server to read image {fingerprint}");
        let token = self.begun(&what, requests::secret(project, fingerprint)).await?;
        secret(&token).map_err(|malformed| self.decode(&what, malformed))
    }

    /// Has a secret serve nobody any more. One that is spent does so already, which is no error.
    pub async fn withdraw(&self, secret: &Secret) {
        if let Err(error) = self.done("withdraw a secret", requests::cancel(&secret.operation)).await {
            tracing::debug!(%error, "the secret of an image was not withdrawn");
        }
    }

    /// How other servers reach this one; nothing if it does not listen on the network.
    pub async fn reachable_at(&self) -> Result<Option<Endpoint>, Error> {
        let (server, found) = (self.server().await?, self.transport().found().await?);
        let certificate = found.as_ref().and_then(|found| Some(found.certificate.as_ref()?.to_pem()));
        let certificate = certificate.or_else(|| server.certificate().map(str::to_owned));
        let listening =
            server.addresses().iter().filter_map(|address| ServerUrl::parse(&format!("https://{address}")).ok());
        let mut urls: Vec<_> = found.into_iter().flat_map(|found| found.urls).collect();
        for url in listening {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        let mut urls = urls.into_iter();
        Ok(urls.next().map(|url| Endpoint { url, more_urls: urls.collect(), certificate }))
    }

    /// Opens the content of an image, to be read from there. What comes need not be whole: only its hash tells.
    pub async fn export(&self, project: &Project, fingerprint: &Fingerprint) -> Result<Export, Error> {
        let what = format!("export image {fingerprint}");
        match self.transport().open(&what, requests::export(project, fingerprint)).await? {
            Opened::Content(headers, content) => Ok(Export::new(self.address(), what, &headers, content)),
            Opened::Answer(answer) => Err(self.unexpected(&what, answer)),
        }
    }

    fn transport(&self) -> &Transport {
        &self.shared.transport
    }

    /// The result of a request that is done at once, and its `ETag`.
    async fn done(&self, what: &str, request: Result<Request, http::Error>) -> Result<(Value, Option<String>), Error> {
        if request.as_ref().is_ok_and(|request| request.method() != Method::GET) {
            self.shared.reads.note_write();
        }
        match self.transport().send(what, request).await? {
            Received { answer: Answer::Done(result), etag } => Ok((result, etag)),
            Received { answer, .. } => Err(self.unexpected(what, answer)),
        }
    }

    /// The operation that a request began.
    async fn begun(&self, what: &str, request: Result<Request, http::Error>) -> Result<Value, Error> {
        self.shared.reads.note_write();
        let received = self.transport().send(what, request).await?;
        self.operation(what, received)
    }

    fn operation(&self, what: &str, received: Received) -> Result<Value, Error> {
        match received.answer {
            Answer::Begun(operation) => Ok(operation),
            answer => Err(self.unexpected(what, answer)),
        }
    }

    fn unexpected(&self, what: &str, answer: Answer) -> Error {
        answer.unexpected(what, self.address())
    }

    fn array<'a>(&self, what: &str, value: &'a Value) -> Result<&'a [Value], Error> {
        match value {
            Value::Null => Ok(&[]),
            Value::Array(items) => Ok(items),
            _ => Err(self.decode(what, Malformed("a list was expected".to_owned()))),
        }
    }

    fn decode(&self, what: &str, source: Malformed) -> Error {
        self.transport().not_understood(what, source)
    }

    fn taken(&self, alias: &Alias, error: Error) -> Error {
        match error {
            Error::Server { status: 409, address, .. } => Error::AliasTaken { alias: alias.clone(), address },
            error => error,
        }
    }
}

/// The secret in a token's operation.
fn secret(token: &Value) -> Result<Secret, Malformed> {
    let metadata = token.get("metadata").unwrap_or(&Value::Null);
    Ok(Secret { text: text(metadata, "secret")?.to_owned(), operation: text(token, "id")?.to_owned() })
}

fn understood(image: &Value) -> Option<Image> {
    match Image::from_json(image, None) {
        Ok(image) => Some(image),
        Err(error) => {
            let fingerprint = image.get("fingerprint").and_then(Value::as_str);
            tracing::warn!(fingerprint, %error, "an image in the server's list is not understood");
            None
        }
    }
}

/// No such thing is no error here.
fn found<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn stopped(what: &str) -> Error {
    Error::Stopped { what: what.to_owned(), fingerprint: None, started_at: None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
