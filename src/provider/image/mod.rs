//! The resource `incus_image`: what Terraform asks of it, handed to the file whose name says it.

mod adopt;
mod candidates;
mod content;
mod copied;
mod create;
mod defaults;
mod delete;
mod exchange;
mod extra;
mod facts;
mod fields;
pub(super) mod files;
pub(super) mod fingerprint;
mod foresight;
mod generate;
mod id;
mod identity;
pub(super) mod import;
mod incoming;
mod marker;
mod migrate;
pub(super) mod model;
mod moves;
mod names;
pub(super) mod notes;
mod place;
mod plan;
mod publication;
mod read;
mod registry;
pub(super) mod source;
mod superseded;
mod swap;
pub(super) mod timeouts;
pub(super) mod truth;
mod update;
pub(super) mod upstream;
pub(super) mod validate;
mod wanted;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use self::identity::ImageIdentity;
use self::model::ImageModel;
use self::notes::{Notes, Origin};
use self::timeouts::{Clock, Limited};
use super::connections::{Connections, Place, Target};
use super::diagnostics::undecided;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{ImportBy, MoveSource, Object, PlanRequest, Resource, Slot};
use crate::tfplugin::saved::Stored;

/// The resource `incus_image`.
#[derive(Debug)]
pub(super) struct ImageResource {
    connections: Arc<Connections>,
}

impl ImageResource {
    pub(super) fn new(connections: Arc<Connections>) -> ImageResource {
        ImageResource { connections }
    }

    /// Remote and project of an image. A state that came from another provider may not say them.
    fn place(&self, state: &ImageModel) -> Result<Place, Diagnostic> {
        self.connections.resolve(Place { remote: state.remote.clone(), project: state.project.clone() })
    }

    /// The default remote, and the default project on the remote that a state means.
    fn default_place(&self, state: &ImageModel) -> Place {
        let (nowhere, here) = (ImageModel::default(), ImageModel { project: Attr::Null, ..state.clone() });
        Place {
            remote: self.place(&nowhere).map_or(Attr::Unknown, |place| place.remote),
            project: self.place(&here).map_or(Attr::Unknown, |place| place.project),
        }
    }

    /// The server and project that a state means.
    fn target(&self, state: &ImageModel) -> Result<Target, Diagnostic> {
        let place = self.place(state)?;
        match (place.remote.known(), place.project.known()) {
            (Some(remote), Some(project)) => self.connections.target(remote, project),
            _ => Err(Diagnostic::error(
                "Unable to tell where the image is",
                "Its remote or its project is not known. Set `remote` and `project`, or the provider's `default_remote` and `project`, \
                 to values that are known.",
            )),
        }
    }
}

#[async_trait]
impl Resource for ImageResource {
    type Model = ImageModel;
    type Private = Notes;
    type Identity = ImageIdentity;

    const NAME: &'static str = "incus_image";

    /// Version 0 is that of the general provider's resource of the same name.
    const VERSION: i64 = 1;

    fn validate(&self, config: &ImageModel, diagnostics: &mut Diagnostics) {
        validate::validate(config, diagnostics);
    }

    async fn read(&self, object: Object<Self>, context: &mut Context) -> Result<Option<Object<Self>>, Diagnostics> {
        let place = self.place(&object.state)?;
        let Some(target) = self.connections.target_if_known(&place)? else {
            context.warn(undecided());
            return Ok(Some(object));
        };
        let limit = Limited::Read.limit(object.state.timeouts.as_ref());
        let look = async {
            let notes = facts::renewed(object.private, &object.state, &target, &self.connections, context).await;
            read::refreshed(&target, &object.state, notes).await
        };
        let found = tokio::time::timeout(limit, look).await.map_err(|_| Limited::Read.exceeded(limit))??;
        let Some((image, notes)) = found else { return Ok(None) };
        self.connections.managed.note(&target, &image.fingerprint);
        let Place { remote, project } = place;
        let kept = ImageModel { remote, project, ..object.state };
        Ok(Some(Stored { state: truth::state(&image, &kept), private: notes }))
    }

    async fn plan(&self, request: PlanRequest<Self>, context: &mut Context) -> Result<Object<Self>, Diagnostics> {
        let PlanRequest { prior, config, proposed } = request;
        let notes = prior.as_ref().map_or(Notes::new(Origin::Created), |prior| prior.private.clone());
        let before = prior.as_ref().map(|prior| &prior.state);
        let (facts, notes) = facts::gather(&config, &proposed, notes, before, &self.connections, context).await?;
        let plan = match &prior {
            None => plan::create(&config, &facts)?,
            Some(prior) => plan::change(&prior.state, &prior.private, &config, &proposed, &facts)?,
        };
        context.warnings.extend(plan.warnings);
        context
            .warnings
            .extend(before.into_iter().flat_map(|prior| place::warnings(&config, prior, &self.default_place(prior))));
        let follows_alias = plan::follows_alias(&config, &plan.planned);
        Ok(Stored { state: plan.planned, private: Notes { follows_alias, ..notes } })
    }

    fn plan_destroy(&self, object: Object<Self>, context: &mut Context) {
        context.warnings.extend(delete::warning(&object.state));
    }

    async fn create(&self, planned: Object<Self>, slot: &Slot<Self>, context: &mut Context) -> Result<(), Diagnostics> {
        let target = self.target(&planned.state)?;
        let clock = Clock::start(Limited::Create, planned.state.timeouts.as_ref(), context);
        clock.explain(create::create(&self.connections, &target, planned, slot, context).await)
    }

    async fn update(
        &self,
        prior: Object<Self>,
        planned: Object<Self>,
        slot: &Slot<Self>,
        context: &mut Context,
    ) -> Result<(), Diagnostics> {
        let target = self.target(&prior.state)?;
        let clock = Clock::start(Limited::Update, planned.state.timeouts.as_ref(), context);
        clock.explain(match prior.state.fingerprint == planned.state.fingerprint {
            true => update::update(&self.connections, &target, &prior.state, planned, slot, context).await,
            false => swap::swap(&self.connections, &target, &prior.state, planned, slot, context).await,
        })
    }

    async fn delete(&self, object: Object<Self>, _: &Slot<Self>, context: &mut Context) -> Result<(), Diagnostics> {
        let target = self.target(&object.state)?;
        let clock = Clock::start(Limited::Delete, object.state.timeouts.as_ref(), context);
        clock.explain(delete::delete(&self.connections, &target, object, context).await)
    }

    async fn import(&self, by: ImportBy<ImageIdentity>, _: &mut Context) -> Result<Object<Self>, Diagnostics> {
        import::import(&self.connections, by).await
    }

    fn identity(state: &ImageModel) -> Option<ImageIdentity> {
        identity::identity(state)
    }

    fn configuration(&self, state: ImageModel) -> ImageModel {
        generate::configuration(&state, &self.default_place(&state))
    }

    fn upgrade(version: i64, state: &Json) -> Result<Option<ImageModel>, Diagnostics> {
        Ok(migrate::upgrade(version, state)?)
    }

    fn take_over(source: MoveSource<'_>) -> Result<Object<Self>, Diagnostics> {
        Ok(migrate::take_over(source)?)
    }
}
