//! What planning needs to know and only looking tells. Small enough to be found out again whenever it is asked for; the hash of
//! a file, which is not, is noted.

use std::path::PathBuf;

use super::exchange::{no_push, onto_itself};
use super::files::{Found, SourceFiles};
use super::foresight;
use super::model::ImageModel;
use super::notes::Notes;
use super::plan::{Facts, SourceFact};
use super::read;
use super::registry;
use super::source::SourceArgument;
use super::upstream::{Sought, Upstream, image_type, look_up};
use crate::incus::{Fingerprint, InstanceName};
use crate::provider::connections::{Connections, Place, Registry, SourceServer, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// The facts about a configuration, and the notes with the hash of its files.
pub(super) async fn gather(
    config: &ImageModel,
    proposed: &ImageModel,
    notes: Notes,
    prior: Option<&ImageModel>,
    connections: &Connections,
    context: &mut Context,
) -> Result<(Facts, Notes), Diagnostics> {
    let place = Place { remote: proposed.remote.clone(), project: proposed.project.clone() };
    let place = connections.resolve(place)?;
    let target = connections.target_if_known(&place)?;
    if let (Some(target), Some(Ok(fingerprint))) = (&target, prior.map(read::fingerprint)) {
        connections.managed.note(target, &fingerprint);
    }
    if let Some(target) = &target {
        foresight::look_ahead(target, proposed, prior, connections, context).await;
    }
    let is_anew = selects_anew(config, proposed, prior);
    let look = Look { config, prior, place: &place, target: target.as_ref(), is_anew, connections };
    let (source, hashed) = match source(config, connections)? {
        Some(SourceArgument::Remote { remote, name }) => (look.at_remote(&remote, &name, context).await?, None),
        Some(SourceArgument::Instance(instance)) => {
            if is_anew {
                context.warnings.extend(look.missing_instance(&instance).await);
            }
            (SourceFact::Single, None)
        }
        Some(SourceArgument::Web(_)) => (SourceFact::Single, None),
        Some(SourceArgument::File(source)) if !config.rootfs.is_unknown() => {
            let files = locate(source, config, connections).await;
            match files.hash(notes.hashed.as_ref()).await {
                Ok(Found::Hashed(hashed, fingerprint)) => (SourceFact::Files(fingerprint), Some(hashed)),
                Ok(Found::Missing(file)) => (SourceFact::Missing(file), None),
                Err(error) => return Err(diagnose(&error).at(Path::attribute("source")).into()),
            }
        }
        Some(SourceArgument::File(_)) | None => (SourceFact::Nothing, None),
    };
    let upstream = notes.upstream.as_ref().and_then(|digits| Fingerprint::parse(digits).ok());
    Ok((Facts { place, source, upstream }, Notes { hashed, ..notes }))
}

/// A look at the source of a planned image.
struct Look<'a> {
    config: &'a ImageModel,
    prior: Option<&'a ImageModel>,
    /// Where the image is to be.
    place: &'a Place,
    target: Option<&'a Target>,
    /// Whether the plan is the first one to name this image of a remote.
    is_anew: bool,
    connections: &'a Connections,
}

impl Look<'_> {
    /// What the image `name` of a remote is.
    async fn at_remote(&self, remote: &str, name: &str, context: &mut Context) -> Result<SourceFact, Diagnostic> {
        let Look { config, connections, .. } = self;
        if connections.is_undecided(remote) || config.source_project.is_unknown() {
            return Ok(SourceFact::OneOfSeveral);
        }
        if let Some(registry) = connections.registry(remote)? {
            return self.at_registry(&registry).await;
        }
        let server = connections.source_server(remote, &config.source_project, self.place)?;
        if let (SourceServer::Incus(from), Some(here), true) = (&server, self.target, self.is_anew) {
            onto_itself(from, here)?;
        }
        if self.is_anew {
            must_be_there(&server, &sought(remote, name, config), context).await?;
        }
        match server {
            SourceServer::Images(_) => no_push(config, remote).map(|()| SourceFact::OneOfSeveral),
            SourceServer::Incus(_) => Ok(SourceFact::Single),
        }
    }

    /// Registries are not looked at from here, but the server that is to copy must know them.
    async fn at_registry(&self, registry: &Registry) -> Result<SourceFact, Diagnostic> {
        registry::refuse(self.config, registry)?;
        let is_new = self.prior.is_none_or(|prior| prior.source != self.config.source);
        if let (Some(here), true) = (self.target, is_new) {
            registry::must_be_known(here, registry).await?;
        }
        Ok(SourceFact::Single)
    }

    /// The warning about an instance that the apply needs.
    async fn missing_instance(&self, instance: &InstanceName) -> Option<Diagnostic> {
        let project = self.config.source_project.clone().or_else(|| self.place.project.clone());
        let target = self.connections.target_if_known(&Place { project, ..self.place.clone() }).ok()??;
        let (summary, why) = match target.client.has_instance(&target.project, instance).await {
            Ok(true) => return None,
            Ok(false) => ("The instance is not there", format!("There is none of that name in {target}.")),
            Err(error) => ("Unable to look for the instance", diagnose(&error).detail),
        };
        let detail = format!("{why} It must be there when the configuration is applied.");
        Some(Diagnostic::warning(summary, detail).at(Path::attribute("source_instance")))
    }
}

/// Whether the plan is the first one to name this image of a remote.
fn selects_anew(config: &ImageModel, proposed: &ImageModel, prior: Option<&ImageModel>) -> bool {
    let selects = |image: &ImageModel| {
        let place = (image.source_project.clone(), image.source_instance.clone());
        (image.source.clone(), place, image_type(&image.vm), image.architecture.clone())
    };
    let is_known = !config.vm.is_unknown() && !config.architecture.is_unknown();
    // A pinned image may be there although its name has moved on.
    config.fingerprint.is_null() && is_known && prior.is_none_or(|prior| selects(prior) != selects(proposed))
}

fn sought<'a>(remote: &'a str, name: &'a str, config: &'a ImageModel) -> Sought<'a> {
    let architecture = config.architecture.known().map(String::as_str);
    Sought { remote, name, image_type: image_type(&config.vm), architecture }
}

/// Refuses a name that its image server does not have: nothing in the run will make it. On an Incus server something may.
async fn must_be_there(server: &SourceServer, sought: &Sought<'_>, context: &mut Context) -> Result<(), Diagnostic> {
    match (look_up(server, sought, &[]).await, server) {
        (Upstream::Image(_), _) => {}
        (Upstream::Nothing(error), SourceServer::Images(_)) => return Err(error),
        (Upstream::Nothing(error) | Upstream::Silent(error), _) => context.warn(error),
    }
    Ok(())
}

/// The notes on an image that is there, after another look at its source. What can't be seen stays as noted: an image outlives
/// the file it came from.
pub(super) async fn renewed(
    notes: Notes,
    state: &ImageModel,
    target: &Target,
    connections: &Connections,
    context: &mut Context,
) -> Notes {
    match source(state, connections) {
        Ok(Some(SourceArgument::File(source))) => {
            let hash = locate(source, state, connections).await.hash(notes.hashed.as_ref()).await;
            match hash {
                Ok(Found::Hashed(hashed, _)) => Notes { hashed: Some(hashed), ..notes },
                Ok(Found::Missing(_)) | Err(_) => notes,
            }
        }
        Ok(Some(SourceArgument::Remote { remote, name })) if state.refresh.is_true() => {
            let server = connections.source_server(&remote, &state.source_project, &target.place());
            let (Ok(server), Ok(incus)) = (server, target.client.server().await) else {
                return notes;
            };
            match look_up(&server, &sought(&remote, &name, state), incus.architectures()).await {
                Upstream::Image(image) => Notes { upstream: Some(image.fingerprint.to_string()), ..notes },
                Upstream::Nothing(error) | Upstream::Silent(error) => {
                    context.warn(error);
                    notes
                }
            }
        }
        _ => notes,
    }
}

/// What the arguments say about the source, if that is known.
pub(super) fn source(config: &ImageModel, connections: &Connections) -> Result<Option<SourceArgument>, Diagnostic> {
    SourceArgument::of(config, connections.home().as_deref())
        .map_err(|error| Diagnostic::error("Invalid argument", error.to_string()).at(error.path()))
}

/// The files that `source` and the `rootfs` argument beside it name.
pub(super) async fn locate(source: PathBuf, config: &ImageModel, connections: &Connections) -> SourceFiles {
    let rootfs = config.rootfs.known().map(String::as_str);
    SourceFiles::locate(source, rootfs, connections.home().as_deref()).await
}
