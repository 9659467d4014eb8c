//! From the arguments to the files: what the resource and the action have in common. Not for what becomes of the files later.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::delete;
use super::destination::Destination;
use super::disk;
use super::engine::{self, Foreign, Order, export};
use super::model::ExportModel;
use super::notes::WrittenFile;
use super::selection;
use crate::incus::{INTERVAL, megabytes};
use crate::provider::connections::{Connections, SourceServer};
use crate::provider::image::source::expand;
use crate::provider::image::upstream::{Upstream, UpstreamImage};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};

/// Where the files of `export` go.
pub(super) fn destination(export: &ExportModel, connections: &Connections) -> Destination {
    let text = export.path.known().map_or("", String::as_str);
    let path = expand(text, connections.home().as_deref());
    match text.ends_with('/') || disk::is_directory(&path) {
        true => Destination::Directory(path),
        false => Destination::File(path),
    }
}

/// What becomes of files that are in the way of `export`.
pub(super) fn foreign(export: &ExportModel) -> Foreign {
    match export.overwrite {
        Attr::Known(true) => Foreign::Replaced,
        _ => Foreign::Kept,
    }
}

/// The image that `export` names, and the server that has it.
pub(super) async fn find(
    export: &ExportModel,
    connections: &Connections,
) -> Result<(SourceServer, UpstreamImage), Diagnostic> {
    let server = selection::server(export, connections)?;
    let image = selection::find(export, &server).await.image()?;
    Ok((server, image))
}

/// Refuses an image that its image server does not have: nothing in the run will make it. On an Incus server something may: then
/// this is the warning, which has been given.
pub(super) async fn look_ahead(
    planned: &ExportModel,
    connections: &Connections,
    context: &mut Context,
) -> Result<Option<Diagnostic>, Diagnostic> {
    let is_undecided = |remote: &String| connections.is_undecided(remote);
    let selects = planned.alias.known().or(planned.fingerprint.known());
    let is_open = planned.vm.is_unknown() || planned.project.is_unknown();
    if selects.is_none() || is_open || planned.remote.known().is_none_or(is_undecided) {
        return Ok(None);
    }
    let server = selection::server(planned, connections)?;
    let warning = match (selection::find(planned, &server).await, &server) {
        (Upstream::Image(_), _) => return Ok(None),
        (Upstream::Nothing(error), SourceServer::Images(_)) => return Err(error),
        (Upstream::Nothing(absence), SourceServer::Incus(_)) => {
            let detail = format!("It must be there when the configuration is applied. {}", absence.detail);
            Diagnostic { detail, ..absence }
        }
        (Upstream::Silent(error), _) => error,
    };
    context.warn(warning.clone());
    Ok(Some(warning))
}

/// Warns of a replacement that removes files, and may fail to write others: its image has an `obstacle`, or there is no such folder.
pub(super) fn weigh(
    before: &ExportModel,
    planned: &ExportModel,
    obstacle: Option<Diagnostic>,
    connections: &Connections,
    context: &mut Context,
) {
    let place = |export: &ExportModel| (export.path.clone(), export.remote.clone(), export.project.clone());
    let Attr::Known(path) = &before.path else { return };
    if place(before) == place(planned) || before.keep_on_destroy.is_true() {
        return;
    }
    let folder = || {
        planned.path.known()?;
        engine::look_ahead(&destination(planned, connections), Foreign::Replaced).err()
    };
    if let Some(obstacle) = obstacle.or_else(folder) {
        context.warn(delete::at_stake(path, &obstacle));
    }
}

/// Writes the files of `image`; those that `ours` names make way. `progress` is told how many bytes have come.
pub(super) async fn write(
    declared: &ExportModel,
    (server, image): (&SourceServer, &UpstreamImage),
    ours: &[WrittenFile],
    connections: &Connections,
    progress: &(dyn Fn(u64) + Send + Sync),
    stop: &CancellationToken,
) -> Result<Vec<WrittenFile>, Diagnostics> {
    let ours: Vec<PathBuf> = ours.iter().map(WrittenFile::path).cloned().collect();
    let order = Order {
        fingerprint: &image.fingerprint,
        size: image.size,
        content: selection::open(server, image).await?,
        destination: &destination(declared, connections),
        ours: &ours,
        foreign: foreign(declared),
    };
    let reported = Mutex::new(Instant::now());
    let report = |length: u64| {
        progress(length);
        let mut last = reported.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= INTERVAL {
            *last = Instant::now();
            let (so_far, of) = (megabytes(length), megabytes(image.size));
            tracing::info!("still at it: export image {}: {so_far} of {of}", image.fingerprint);
        }
    };
    export(order, &report, stop).await
}
