//! Which image is to be exported, and from where.

use super::model::ExportModel;
use crate::incus::{Error, ImageContent, architecture};
use crate::provider::connections::{Connections, Place, SourceServer};
use crate::provider::diagnostics::diagnose;
use crate::provider::image::upstream::{Sought, Upstream, UpstreamImage, image_type, look_up};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// Fills in the remote and project that `proposed` leaves open. An image server has no projects: what core proposes of the state is
/// dropped there, what `config` sets is refused.
pub(super) fn place(
    config: &ExportModel,
    proposed: &ExportModel,
    connections: &Connections,
) -> Result<Place, Diagnostic> {
    let place = connections.resolve(Place { remote: proposed.remote.clone(), project: proposed.project.clone() })?;
    let project = match &place.remote {
        Attr::Known(remote) if !connections.is_undecided(remote) => match source(remote, &place, connections)? {
            SourceServer::Incus(_) => place.project,
            SourceServer::Images(_) => match &config.project {
                Attr::Known(_) => {
                    let detail =
                        format!("The remote {remote:?} is an image server, which has no projects. Take it out.");
                    return Err(Diagnostic::error("Invalid argument", detail).at(Path::attribute("project")));
                }
                open => open.clone(),
            },
        },
        _ => proposed.project.clone().or_else(|| Attr::Unknown),
    };
    Ok(Place { project, ..place })
}

/// Whether a plan names its image otherwise than the state does.
pub(super) fn differs(prior: &ExportModel, planned: &ExportModel, config: &ExportModel) -> bool {
    let named =
        |export: &ExportModel| (export.alias.clone(), export.vm.clone(), export.remote.clone(), export.project.clone());
    let is_repinned = !config.fingerprint.is_null() && config.fingerprint != prior.fingerprint;
    named(prior) != named(planned) || is_repinned
}

/// The server that an export is from.
pub(super) fn server(export: &ExportModel, connections: &Connections) -> Result<SourceServer, Diagnostic> {
    let place = connections.resolve(Place { remote: export.remote.clone(), project: export.project.clone() })?;
    let Some(remote) = place.remote.known() else {
        let detail = "The provider's `default_remote` is not known. Set `remote` to a value that is known.";
        return Err(Diagnostic::error("Unable to tell which image is meant", detail).at(Path::attribute("remote")));
    };
    source(remote, &place, connections)
}

/// The server of `remote`, one that is only read included, with the project of `place`.
fn source(remote: &str, place: &Place, connections: &Connections) -> Result<SourceServer, Diagnostic> {
    let server = connections.source_server(remote, &Attr::Null, place);
    server.map_err(|error| error.at(Path::attribute("remote")))
}

/// Looks the image up that `export` names.
pub(super) async fn find(export: &ExportModel, server: &SourceServer) -> Upstream {
    // Where both are known, the image has been settled on by the plan.
    let (argument, name) = match (&export.alias, &export.fingerprint) {
        (_, Attr::Known(fingerprint)) => ("fingerprint", fingerprint.as_str()),
        (Attr::Known(alias), _) => ("alias", alias.as_str()),
        _ => ("alias", ""),
    };
    let remote = export.remote.known().map_or("", String::as_str);
    let architecture = export.architecture.known().map(String::as_str);
    let sought = Sought { remote, name, image_type: image_type(&export.vm), architecture };
    look_up(server, &sought, &[architecture::native().to_owned()]).await.at(Path::attribute(argument))
}

/// Opens the content of an image.
pub(super) async fn open(server: &SourceServer, image: &UpstreamImage) -> Result<ImageContent, Diagnostic> {
    let opened: Result<_, Error> = match server {
        SourceServer::Images(images) => images.content(&image.fingerprint).await,
        SourceServer::Incus(target) => {
            let export = target.client.export(&target.project, &image.fingerprint).await;
            export.and_then(crate::incus::Export::files)
        }
    };
    opened.map_err(|error| diagnose(&error))
}
