//! All images of a place, by one request to an Incus server for all look-ups at once, or by the index of an image server. Not for
//! choosing among them, see `filter`.

use std::fmt;
use std::sync::Arc;

use super::found::{self, FoundImage};
use super::model::Arguments;
use crate::incus::simplestreams::Catalog;
use crate::incus::{Error, Image, nearest};
use crate::provider::connections::{Connections, Place, SourceServer};
use crate::provider::diagnostics::{diagnose, explain, refuse};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// The images of a place.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The remote.
    pub(crate) remote: String,
    /// The project that was looked in; null on an image server, and where it was all of them.
    pub(crate) project: Attr<String>,
    images: Images,
}

#[derive(Debug)]
enum Images {
    /// Of an Incus server.
    Incus(Arc<Vec<Image>>),
    /// Of an image server.
    Catalog(Arc<Catalog>),
}

impl Listing {
    /// Asks the server that `arguments` name.
    ///
    /// # Errors
    /// Where it can't be asked, or arguments do not go with it.
    pub(crate) async fn read(connections: &Connections, arguments: &Arguments<'_>) -> Result<Listing, Diagnostics> {
        let named = Place { remote: arguments.remote.clone(), project: arguments.project.clone() };
        let place = connections.resolve(named)?;
        let (Attr::Known(remote), Attr::Known(project)) = (&place.remote, &place.project) else {
            return Err(undecided(
                "The provider's `default_remote` or `project` is not known. Set `remote` and `project` here.",
            ));
        };
        if connections.is_undecided(remote) {
            return Err(undecided(
                "The provider's configuration of this remote is not known yet. With `depends_on`, the look-up waits for what makes it known.",
            ));
        }
        let remote = remote.clone();
        match connections.listed_server(&remote, &place)? {
            SourceServer::Images(server) => {
                on_image_server(&remote, arguments)?;
                let what = format!("Unable to list the images of remote {remote:?}");
                let catalog = server.catalog().await.map_err(|error| explain(&what, &*error))?;
                Ok(Listing { remote, project: Attr::Null, images: Images::Catalog(catalog) })
            }
            SourceServer::Incus(target) => {
                let (images, project) = match arguments.all_projects {
                    Attr::Known(true) => (target.client.images_of_all_projects().await.map(Arc::new), Attr::Null),
                    _ => (target.client.images_for_many(&target.project).await, Attr::Known(project.clone())),
                };
                let images = images.map_err(|error| unlisted(&error, arguments))?;
                Ok(Listing { remote, project, images: Images::Incus(images) })
            }
        }
    }

    /// What was found.
    pub(crate) fn images(&self) -> Vec<FoundImage<'_>> {
        match &self.images {
            Images::Incus(images) => images.iter().map(FoundImage::from).collect(),
            Images::Catalog(catalog) => found::in_catalog(catalog),
        }
    }

    /// Whether it is an image server.
    pub(super) fn is_of_image_server(&self) -> bool {
        matches!(self.images, Images::Catalog(_))
    }

    /// The names that look like a misspelt one, the likeliest first.
    pub(super) fn nearest(&self, name: &str) -> Vec<String> {
        match &self.images {
            Images::Incus(images) => {
                let names = images.iter().flat_map(|image| &image.aliases).map(|alias| alias.name.as_str());
                nearest(name, names)
            }
            Images::Catalog(catalog) => catalog.nearest(name),
        }
    }
}

/// The place, as in "There is none …".
impl fmt::Display for Listing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.images, self.project.known()) {
            (Images::Catalog(_), _) => write!(formatter, "on remote {}", self.remote),
            (Images::Incus(_), Some(project)) => write!(formatter, "in project {project} of remote {}", self.remote),
            (Images::Incus(_), None) => write!(formatter, "in any project of remote {}", self.remote),
        }
    }
}

/// The error where a server does not list its images: one about the project, where that is said to be missing.
fn unlisted(error: &Error, arguments: &Arguments<'_>) -> Diagnostic {
    match error {
        Error::Server { status: 404, .. } if !arguments.project.is_null() => {
            diagnose(error).at(Path::attribute("project"))
        }
        _ => diagnose(error),
    }
}

fn undecided(why: &str) -> Diagnostics {
    Diagnostic::error("Unable to tell which images are meant", why).into()
}

/// Refuses what can't be asked of an image server.
fn on_image_server(remote: &str, arguments: &Arguments<'_>) -> Result<(), Diagnostics> {
    let mut refused = Diagnostics::default();
    let given = [
        ("project", !arguments.project.is_null(), "has no projects"),
        ("all_projects", arguments.all_projects.is_true(), "has no projects"),
        ("cached", !arguments.cached.is_null(), "caches nothing"),
    ];
    for (argument, _, why) in given.into_iter().filter(|(_, is_given, _)| *is_given) {
        let why = format!("The remote {remote:?} is an image server, which {why}. Take `{argument}` out.");
        refuse(&mut refused, Path::attribute(argument), why);
    }
    if refused.has_errors() { Err(refused) } else { Ok(()) }
}
