//! The resource `incus_image_export`: what Terraform asks of it, handed to the file whose name says it. `engine.rs` does the export
//! itself and knows nothing of resources; `action.rs` is the action of the same name.

pub(super) mod action;
mod condition;
mod declared;
mod delete;
pub(super) mod destination;
mod disk;
pub(super) mod engine;
mod import;
mod model;
mod notes;
mod plan;
mod receiver;
mod selection;
mod validate;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value as Json;

use self::condition::{Condition, is_whole};
use self::model::{ExportIdentity, ExportModel};
use self::notes::{Notes, WrittenFile};
use super::connections::{Connections, SourceServer};
use super::diagnostics::undecided;
use super::image::notes::FileStamp;
use super::image::timeouts::{Clock, Limited};
use super::image::upstream::UpstreamImage;
use crate::incus::architecture;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{ImportBy, MoveSource, Object, PlanRequest, Resource, Slot};
use crate::tfplugin::saved::Stored;

/// The resource `incus_image_export`.
#[derive(Debug)]
pub(super) struct ExportResource {
    connections: Arc<Connections>,
    /// What this process has written. A replacement that comes first may have the paths of the object that it replaces.
    written: Mutex<HashMap<PathBuf, FileStamp>>,
}

impl ExportResource {
    pub(super) fn new(connections: Arc<Connections>) -> ExportResource {
        ExportResource { connections, written: Mutex::default() }
    }

    /// Writes the files of `image`; those that `ours` names make way.
    async fn write(
        &self,
        planned: &ExportModel,
        (server, image): (&SourceServer, &UpstreamImage),
        ours: &[WrittenFile],
        context: &Context,
    ) -> Result<Vec<WrittenFile>, Diagnostics> {
        let source = (server, image);
        let written = declared::write(planned, source, ours, &self.connections, &|_| {}, &context.stop).await?;
        let stamps = written.iter().map(|file| (file.path().clone(), file.stamp.clone()));
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend(stamps);
        Ok(written)
    }

    /// Whether another object of this run has written the file that `object` once wrote.
    fn is_newer(&self, file: &WrittenFile, object: &[WrittenFile]) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let by_this_run = written.get(file.path()) == Some(&file.stamp);
        by_this_run && !object.iter().any(|own| own.stamp == file.stamp)
    }
}

#[async_trait]
impl Resource for ExportResource {
    type Model = ExportModel;
    type Private = Notes;
    type Identity = ExportIdentity;

    const NAME: &'static str = "incus_image_export";
    const VERSION: i64 = 0;

    fn validate(&self, config: &ExportModel, diagnostics: &mut Diagnostics) {
        validate::validate(config, diagnostics);
    }

    async fn read(&self, object: Object<Self>, context: &mut Context) -> Result<Option<Object<Self>>, Diagnostics> {
        let Stored { state, private: notes } = object;
        let limit = Limited::Read.limit(state.timeouts.as_ref());
        // Notes that were lost are made anew: without them, what others write later could not be told from ours.
        let recorded = notes.recorded(&state);
        let look = async {
            let conditions = condition::of_all(&recorded).await?;
            let upstream = match state.alias {
                Attr::Known(_) => self.upstream(&state, &notes, context).await.or_else(|| notes.upstream.clone()),
                Attr::Null | Attr::Unknown => None,
            };
            Ok::<_, Diagnostic>((conditions, upstream))
        };
        let looked = tokio::time::timeout(limit, look).await;
        let (conditions, upstream) = looked.map_err(|_| Limited::Read.exceeded(limit))??;
        if conditions.iter().all(|condition| *condition == Condition::Missing) {
            return Ok(None);
        }
        let renewed = |(file, condition): (WrittenFile, &Condition)| match condition {
            Condition::Same(now) => now.clone(),
            Condition::Other(_) | Condition::Missing => file,
        };
        let written = recorded.into_iter().zip(&conditions).map(renewed).collect();
        let now: Vec<_> = conditions.iter().filter_map(Condition::file).cloned().collect();
        let state = ExportModel { files: Attr::Known(plan::files(&now)), ..state };
        Ok(Some(Stored { state, private: Notes { written, upstream, ..notes } }))
    }

    async fn plan(&self, request: PlanRequest<Self>, context: &mut Context) -> Result<Object<Self>, Diagnostics> {
        let PlanRequest { prior, config, proposed } = request;
        let place = selection::place(&config, &proposed, &self.connections)?;
        let planned = match &prior {
            None => plan::create(&config, place),
            Some(prior) => plan::change(&prior.state, &prior.private, &config, &proposed, place),
        };
        let before = prior.as_ref().map(|prior| &prior.state);
        let is_moved = before.is_some_and(|before| before.path != planned.path);
        if is_moved || before.is_none_or(|before| selection::differs(before, &planned, &config)) {
            let named = ExportModel { fingerprint: config.fingerprint.clone(), ..planned.clone() };
            let obstacle = declared::look_ahead(&named, &self.connections, context).await?;
            if let Some(before) = before {
                declared::weigh(before, &planned, obstacle, &self.connections, context);
            }
        }
        let notes = prior.map(|prior| prior.private).unwrap_or_default();
        let planned_architecture = config.architecture.known().cloned();
        Ok(Stored { state: planned, private: Notes { planned_architecture, ..notes } })
    }

    fn plan_destroy(&self, object: Object<Self>, context: &mut Context) {
        if object.state.keep_on_destroy.is_true() {
            context.warn(delete::kept());
        }
    }

    async fn create(&self, planned: Object<Self>, slot: &Slot<Self>, context: &mut Context) -> Result<(), Diagnostics> {
        let clock = Clock::start(Limited::Create, planned.state.timeouts.as_ref(), context);
        let outcome = async {
            let (server, image) = declared::find(&planned.state, &self.connections).await?;
            let written = self.write(&planned.state, (&server, &image), &[], context).await?;
            slot.set(state(planned, &image, written));
            Ok(())
        };
        clock.explain(outcome.await)
    }

    async fn update(
        &self,
        prior: Object<Self>,
        planned: Object<Self>,
        slot: &Slot<Self>,
        context: &mut Context,
    ) -> Result<(), Diagnostics> {
        if !planned.state.files.is_unknown() && !planned.state.r#type.is_unknown() {
            slot.set(Stored { private: planned.private.carried_out(), ..planned });
            return Ok(());
        }
        let clock = Clock::start(Limited::Update, planned.state.timeouts.as_ref(), context);
        let outcome = self.renew(&prior.state, planned, slot, context).await;
        clock.explain(outcome)
    }

    async fn delete(&self, object: Object<Self>, _: &Slot<Self>, context: &mut Context) -> Result<(), Diagnostics> {
        let Stored { state, private: notes } = object;
        if state.keep_on_destroy.is_true() {
            return Ok(());
        }
        let written = match notes.written.as_slice() {
            // Core passes the notes on a tainted object to nobody.
            [] => delete::verified(&state, context).await?,
            written => written.to_vec(),
        };
        delete::remove(&written, |file| self.is_newer(file, &written), context).await?;
        // Where the directory has gone as well, there is nothing to tidy up.
        let _ = disk::sweep(declared::destination(&state, &self.connections).folder());
        Ok(())
    }

    async fn import(&self, by: ImportBy<ExportIdentity>, _: &mut Context) -> Result<Object<Self>, Diagnostics> {
        let path = match by {
            ImportBy::Id(path) => path,
            ImportBy::Identity(identity) => identity.path.known().cloned().unwrap_or_default(),
        };
        import::import(&path, self.connections.home().as_deref()).await
    }

    fn identity(state: &ExportModel) -> Option<ExportIdentity> {
        state.path.known().map(|path| ExportIdentity { path: Attr::Known(path.clone()) })
    }

    fn configuration(&self, state: ExportModel) -> ExportModel {
        let given = |switch: Attr<bool>| Attr::from(switch.known().copied().filter(|is_on| *is_on));
        ExportModel {
            fingerprint: if state.alias.is_null() { state.fingerprint } else { Attr::Null },
            architecture: Attr::Null,
            vm: given(state.vm),
            overwrite: given(state.overwrite),
            keep_on_destroy: given(state.keep_on_destroy),
            ..state
        }
    }

    fn upgrade(_: i64, _: &Json) -> Result<Option<ExportModel>, Diagnostics> {
        Ok(None)
    }

    fn take_over(source: MoveSource<'_>) -> Result<Object<Self>, Diagnostics> {
        let detail = format!(
            "An export can't be made of a {} of {}. Import the files instead, by their path.",
            source.type_name, source.provider
        );
        Err(Diagnostic::error("Unable to move the resource", detail).into())
    }
}

impl ExportResource {
    /// What the alias of an export stands for now, with a warning if that can't be found out: the files outlive the image.
    async fn upstream(&self, state: &ExportModel, notes: &Notes, context: &mut Context) -> Option<String> {
        let is_undecided = state.remote.known().is_some_and(|remote| self.connections.is_undecided(remote));
        let named = ExportModel { fingerprint: Attr::Null, ..state.clone() };
        let found = match selection::server(state, &self.connections) {
            _ if is_undecided => Err(undecided()),
            // The only image of a name is the one that is meant, unless another architecture was asked for.
            Ok(server @ SourceServer::Incus(_)) => {
                let asked = ExportModel { architecture: notes.architecture.clone().into(), ..named };
                selection::find(&asked, &server).await.image()
            }
            Ok(server) => selection::find(&named, &server).await.image(),
            Err(error) => Err(error),
        };
        match found {
            Ok(image) => Some(image.fingerprint.to_string()),
            Err(error) => {
                context.warn(error);
                None
            }
        }
    }

    /// Brings the files up to date: they are written again if they are not those of the image.
    async fn renew(
        &self,
        prior: &ExportModel,
        planned: Object<Self>,
        slot: &Slot<Self>,
        context: &mut Context,
    ) -> Result<(), Diagnostics> {
        let (server, image) = declared::find(&planned.state, &self.connections).await?;
        let conditions = condition::of_all(&planned.private.written).await?;
        if prior.fingerprint.is(image.fingerprint.as_str()) && is_whole(&conditions) {
            let written = conditions.iter().filter_map(Condition::file).cloned().collect();
            slot.set(state(planned, &image, written));
            return Ok(());
        }
        let before = planned.private.recorded(prior);
        let written = self.write(&planned.state, (&server, &image), &before, context).await?;
        let is_written = |old: &WrittenFile| written.iter().any(|new| new.path() == old.path());
        let superseded: Vec<_> = before.into_iter().filter(|old| !is_written(old)).collect();
        slot.set(state(planned, &image, written));
        delete::remove(&superseded, |_| false, context).await
    }
}

/// The export of `image` as it was written.
fn state(planned: Object<ExportResource>, image: &UpstreamImage, written: Vec<WrittenFile>) -> Object<ExportResource> {
    let Stored { state: planned, private: notes } = planned;
    let size: u64 = written.iter().map(|file| file.stamp.size).sum();
    let state = ExportModel {
        fingerprint: image.fingerprint.as_str().into(),
        architecture: match planned.architecture.known() {
            Some(spelled) if architecture::same(spelled, &image.architecture) => Attr::Known(spelled.clone()),
            _ => Attr::Known(image.architecture.clone()),
        },
        files: Attr::Known(plan::files(&written)),
        r#type: image.image_type.as_str().into(),
        size: i64::try_from(size).ok().into(),
        ..planned
    };
    let upstream = state.alias.known().map(|_| image.fingerprint.to_string());
    Stored { state, private: Notes { written, upstream, ..notes.carried_out() } }
}
