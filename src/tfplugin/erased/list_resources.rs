//! List resources without their types.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Erased, model, surviving, validate};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::list_resource::{ListEvent, ListResource, Listing, Wanted};
use crate::tfplugin::model::Model;
use crate::tfplugin::resource::Resource;
use crate::tfplugin::schema::Schema;
use crate::tfplugin::value::Value;

/// A list resource behind a trait object.
#[async_trait]
pub trait AnyListResource: Send + Sync {
    /// The name of [`ListResource::Resource`].
    fn name(&self) -> &'static str;
    /// The schema of [`ListResource::Model`].
    fn schema(&self) -> Schema;
    /// See [`ListResource::validate`].
    fn validate(&self, config: Value) -> Diagnostics;
    /// See [`ListResource::list`].
    async fn list(
        &self,
        config: Value,
        wanted: Wanted,
        events: mpsc::Sender<ListEvent>,
        context: &mut Context,
    ) -> Result<(), Diagnostics>;
}

#[async_trait]
impl<L: ListResource> AnyListResource for Erased<L> {
    fn name(&self) -> &'static str {
        L::Resource::NAME
    }

    fn schema(&self) -> Schema {
        Schema { version: 0, block: L::Model::block() }
    }

    fn validate(&self, config: Value) -> Diagnostics {
        validate(config, |config, diagnostics| self.0.validate(config, diagnostics))
    }

    async fn list(
        &self,
        config: Value,
        wanted: Wanted,
        events: mpsc::Sender<ListEvent>,
        context: &mut Context,
    ) -> Result<(), Diagnostics> {
        let mut found = Listing::new(events, wanted);
        surviving(self.0.list(model(config)?, &mut found, context)).await
    }
}
