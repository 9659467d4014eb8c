//! From the names that users write to the servers they mean. One client a server, shared by all requests.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::config::{ProviderModel, Settings};
use super::diagnostics::{diagnose, explain};
use super::noted::Noted;
use super::unfinished::Unfinished;
use crate::incus::remotes::{Address, Environment, Remote, ServerUrls, Socket, probe};
use crate::incus::simplestreams::ImageServer;
use crate::incus::{Certificate, Client, Pin, Project, Protocol, ServerUrl, Turn, Turns, UpdateSource};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The servers that the provider's configuration reaches.
#[derive(Debug, Default)]
pub(super) struct Connections {
    settings: RwLock<Arc<Settings>>,
    clients: Mutex<HashMap<Door, Client>>,
    image_servers: Mutex<HashMap<String, ImageServer>>,
    turns: Turns<String>,
    /// The images that were there and have come under management in this run. Where that was for another object, as a replacement
    /// that comes first does, the old object is only forgotten.
    pub(super) adopted: Noted,
    /// The images that this run has brought to their server.
    pub(super) created: Noted,
    /// The images of the resources that this run has come upon: they are nobody else's.
    pub(super) managed: Noted,
    /// What this run has begun to create, or found begun.
    pub(super) unfinished: Unfinished,
}

/// Where a client goes in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Door {
    /// The socket at this path.
    Socket(PathBuf),
    /// The remote of this name, on the network.
    Remote(String),
}

/// A server that holds images, and the project meant on it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The remote's name.
    pub(super) remote: String,
    /// The project.
    pub(super) project: Project,
    /// The server.
    pub(super) client: Client,
}

impl Target {
    /// The names of this remote and project.
    pub(super) fn place(&self) -> Place {
        Place { remote: Attr::Known(self.remote.clone()), project: Attr::Known(self.project.to_string()) }
    }

    /// What an image there is told apart by from those of other servers and projects.
    pub(super) fn key(&self, image: &str) -> String {
        format!("{} {} {image}", self.client.address(), self.project)
    }
}

/// The place, as in "There is none in …".
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "project {} of remote {}", self.project, self.remote)
    }
}

/// A server that images are copied from.
#[derive(Debug, Clone)]
pub(super) enum SourceServer {
    /// An image server.
    Images(ImageServer),
    /// A project of an Incus server.
    Incus(Target),
}

/// A container registry, from which Incus servers copy.
#[derive(Debug, Clone)]
pub(super) struct Registry {
    /// The remote's name.
    pub(super) remote: String,
    /// Where it is.
    pub(super) url: ServerUrl,
    /// The certificate that it is known by.
    pub(super) certificate: Option<Certificate>,
    /// The program that knows the credentials for it.
    pub(super) credentials_helper: Option<String>,
}

/// The names of remote and project, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The remote's name.
    pub(super) remote: Attr<String>,
    /// The project's name.
    pub(super) project: Attr<String>,
}

impl Connections {
    /// Takes a configuration in place of the one before.
    pub(super) fn configure(&self, config: ProviderModel) {
        let settings = Arc::new(Settings::new(config, Environment::of_process()));
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.image_servers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.adopted.forget();
        self.created.forget();
        self.managed.forget();
        self.unfinished.forget();
    }

    /// The user's home folder. Functions ask for it before anything is configured.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.settings().environment.home.clone().or_else(|| Environment::of_process().home)
    }

    /// Fills in the names that `place` leaves open. What depends on unknown configuration stays unknown.
    pub(super) fn resolve(&self, place: Place) -> Result<Place, Diagnostic> {
        if !place.remote.is_null() && !place.project.is_null() {
            return Ok(place);
        }
        let settings = self.settings();
        let remotes = settings.remotes().map_err(|error| explain("Unable to find out about the remotes", &error))?;
        let remote = place.remote.or_else(|| settings.default_remote(remotes));
        let open = remote.known().and_then(|name| remotes.get(name).ok()?.open_project());
        let project = place.project.or_else(|| open.map_or(settings.project().clone(), |_| Attr::Null));
        let project = project.or_else(|| match &remote {
            Attr::Known(name) => match remotes.get(name) {
                Ok(remote) => Attr::Known(own_project(&settings, remote)),
                Err(_) => Attr::Known(Project::default().to_string()),
            },
            Attr::Null | Attr::Unknown => Attr::Unknown,
        });
        Ok(Place { remote, project })
    }

    /// The server and project of a place; nothing as long as a part of that is unknown.
    pub(super) fn target_if_known(&self, place: &Place) -> Result<Option<Target>, Diagnostic> {
        match (&place.remote, &place.project) {
            (Attr::Known(remote), Attr::Known(project)) if !self.is_undecided(remote) => {
                self.target(remote, project).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The server that `remote` names, to keep images in `project`.
    pub(super) fn target(&self, remote: &str, project: &str) -> Result<Target, Diagnostic> {
        let found = self.remote(remote)?;
        match found.protocol() {
            Protocol::Incus if found.public() => {
                let detail = format!(
                    "The remote {remote:?} is public: the Incus server at {} is read there as anybody may read it, and can only be \
                     copied from. Take `public` out of the remote, or name another one.",
                    found.address()
                );
                Err(Diagnostic::error("Unable to keep images on a public remote", detail).at(Path::attribute("remote")))
            }
            _ => self.project_of(&found, project),
        }
    }

    fn project_of(&self, found: &Remote, project: &str) -> Result<Target, Diagnostic> {
        let at = |error: Diagnostic| error.at(Path::attribute("remote"));
        let project = Project::parse(project).map_err(|error| {
            Diagnostic::error("Invalid project", format!("{error}.")).at(Path::attribute("project"))
        })?;
        if found.protocol() != Protocol::Incus {
            let detail = format!(
                "The remote {:?} is the {} server at {}, which can only be copied from. Name an Incus server, such as \"local\".",
                found.name(),
                found.protocol(),
                found.address()
            );
            return Err(at(Diagnostic::error("Unable to keep images on an image server", detail)));
        }
        Ok(Target { remote: found.name().to_owned(), project, client: self.client(found).map_err(at)? })
    }

    /// The server that `remote` names, to copy to `here` from, and there from `project` if that is set. A problem is one of the
    /// argument `source`.
    pub(super) fn source_server(
        &self,
        remote: &str,
        project: &Attr<String>,
        here: &Place,
    ) -> Result<SourceServer, Diagnostic> {
        let path = Path::attribute("source");
        let found = self.remote(remote).map_err(|error| error.at(path.clone()))?;
        match (found.protocol(), found.address()) {
            (Protocol::Simplestreams, Address::Server(urls)) => {
                if !project.is_null() {
                    let detail =
                        format!("The remote {remote:?} is an image server, which has no projects. Take it out.");
                    return Err(Diagnostic::error("Invalid argument", detail).at(Path::attribute("source_project")));
                }
                let server = self.image_server(&found, urls.first()).map_err(|error| error.at(path))?;
                Ok(SourceServer::Images(server))
            }
            (Protocol::Incus, _) => {
                let same_server = here.remote.is(remote);
                let project = match (project, &here.project) {
                    (Attr::Known(project), _) => project.clone(),
                    (_, Attr::Known(project)) if same_server => project.clone(),
                    _ => own_project(&self.settings(), &found),
                };
                self.project_of(&found, &project).map(SourceServer::Incus).map_err(|error| error.at(path))
            }
            (_, address) => {
                let detail = format!(
                    "The remote {remote:?} is the registry at {address}, from which only Incus servers copy. Bring the image to one \
                     first, by `source` of an incus_image."
                );
                Err(Diagnostic::error("Unable to read a registry from here", detail).at(path))
            }
        }
    }

    /// The registry that `remote` names, if it is one. A problem is one of the argument `source`.
    pub(super) fn registry(&self, remote: &str) -> Result<Option<Registry>, Diagnostic> {
        let at = |error: Diagnostic| error.at(Path::attribute("source"));
        let found = self.remote(remote).map_err(at)?;
        let (Protocol::Oci, Address::Server(urls)) = (found.protocol(), found.address()) else { return Ok(None) };
        Ok(Some(Registry {
            remote: remote.to_owned(),
            url: urls.first().clone(),
            certificate: self.certificate_of(&found).map_err(at)?,
            credentials_helper: found.credentials_helper().map(str::to_owned),
        }))
    }

    /// The server that `place` names, to look its images up. A problem is one of the argument `remote`.
    pub(super) fn listed_server(&self, remote: &str, place: &Place) -> Result<SourceServer, Diagnostic> {
        let at = |error: Diagnostic| error.at(Path::attribute("remote"));
        let found = self.remote(remote).map_err(at)?;
        if found.protocol() == Protocol::Oci {
            let detail = format!(
                "The remote {remote:?} is the registry at {}, which does not tell what it has. Name an Incus server or an image server.",
                found.address()
            );
            return Err(at(Diagnostic::error("Unable to list the images of a registry", detail)));
        }
        self.source_server(remote, &Attr::Null, place).map_err(at)
    }

    /// What `source` would be called in a configuration: `remote:name`. Nothing if no remote, or more than one, is that server.
    pub(super) fn name_of(&self, source: &UpdateSource) -> Option<String> {
        let settings = self.settings();
        let is_there = |remote: &&Remote| {
            remote.protocol().as_str() == source.protocol
                && matches!(remote.address(), Address::Server(urls) if urls.iter().any(|url| url.as_str() == source.server.trim_end_matches('/')))
        };
        let mut remotes = settings.remotes().ok()?.iter().filter(is_there);
        match (remotes.next(), remotes.next(), source.alias.as_str()) {
            (_, _, "") => None,
            (Some(remote), None, alias) => Some(format!("{}:{alias}", remote.name())),
            _ => None,
        }
    }

    /// Waits until nobody else in this process brings the same image to the same place; until the answer is dropped, others wait.
    /// Of two copies at once, the server would let both succeed on one image.
    pub(super) async fn turn(&self, target: &Target, image: &str) -> Turn {
        self.turns.at(target.key(image)).await
    }

    /// Whether nothing can be said about `remote` yet, because the provider's configuration is not wholly known.
    pub(super) fn is_undecided(&self, remote: &str) -> bool {
        self.settings().is_undecided(remote)
    }

    fn remote(&self, name: &str) -> Result<Remote, Diagnostic> {
        let settings = self.settings();
        let remotes = settings.remotes().map_err(|error| explain("Unable to find out about the remotes", &error))?;
        let found = remotes.get(name).cloned();
        let at = |error: Diagnostic| error.at(Path::attribute("remote"));
        found.map_err(|error| at(unusable(name, &error)))
    }

    fn client(&self, remote: &Remote) -> Result<Client, Diagnostic> {
        let settings = self.settings();
        match remote.address() {
            Address::Unix(path) => {
                let socket = Socket::find(path.as_deref(), &settings.environment, probe).path;
                self.kept(Door::Socket(socket.clone()), || Client::unix(&socket).map_err(|error| diagnose(&error)))
            }
            Address::Server(urls) => {
                self.kept(Door::Remote(remote.name().to_owned()), || over_network(&settings, remote, urls))
            }
        }
    }

    /// The client that goes in at a door, made once.
    fn kept(&self, door: Door, make: impl FnOnce() -> Result<Client, Diagnostic>) -> Result<Client, Diagnostic> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&door) {
            return Ok(client.clone());
        }
        let client = make()?;
        clients.insert(door, client.clone());
        Ok(client)
    }

    fn image_server(&self, remote: &Remote, url: &ServerUrl) -> Result<ImageServer, Diagnostic> {
        let mut servers = self.image_servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = servers.get(remote.name()) {
            return Ok(server.clone());
        }
        let server = ImageServer::new(url.clone(), self.certificate_of(remote)?);
        servers.insert(remote.name().to_owned(), server.clone());
        Ok(server)
    }

    /// The certificate by which Incus servers are to know a public remote.
    fn certificate_of(&self, remote: &Remote) -> Result<Option<Certificate>, Diagnostic> {
        match remote.certificate() {
            Some(Pin::Certificate(certificate)) => Ok(Some(certificate.clone())),
            _ => {
                let certificate = self.settings().files().server_certificate(remote);
                certificate.map_err(|error| unusable(remote.name(), &error))
            }
        }
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn over_network(settings: &Settings, remote: &Remote, urls: &ServerUrls) -> Result<Client, Diagnostic> {
    let access = settings.access(remote.clone(), urls.clone());
    access.map(Client::network).map_err(|error| unusable(remote.name(), &error))
}

fn unusable(remote: &str, error: &dyn Error) -> Diagnostic {
    explain(&format!("Unable to use remote {remote:?}"), error)
}

/// The project meant on `remote` when neither resource nor provider names one.
fn own_project(settings: &Settings, remote: &Remote) -> String {
    let restricted = || match remote.address() {
        Address::Unix(path) => Socket::find(path.as_deref(), &settings.environment, probe).project,
        Address::Server(_) => None,
    };
    let open = remote.open_project().map(|open| open.to_string());
    let named = open.or_else(|| settings.environment.project.clone());
    named.unwrap_or_else(|| remote.project().cloned().or_else(restricted).unwrap_or_default().to_string())
}
