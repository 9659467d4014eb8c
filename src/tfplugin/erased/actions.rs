//! Actions without their types.

use async_trait::async_trait;

use super::{Erased, model, surviving, validate};
use crate::tfplugin::action::{Action, Progress};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::model::Model;
use crate::tfplugin::schema::Schema;
use crate::tfplugin::value::Value;

/// An action behind a trait object.
#[async_trait]
pub trait AnyAction: Send + Sync {
    /// See [`Action::NAME`].
    fn name(&self) -> &'static str;
    /// The schema of [`Action::Model`].
    fn schema(&self) -> Schema;
    /// See [`Action::validate`].
    fn validate(&self, config: Value) -> Diagnostics;
    /// See [`Action::plan`].
    async fn plan(&self, config: Value, context: &mut Context) -> Result<(), Diagnostics>;
    /// See [`Action::invoke`].
    async fn invoke(&self, config: Value, progress: &Progress, context: &mut Context) -> Result<(), Diagnostics>;
}

#[async_trait]
impl<A: Action> AnyAction for Erased<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn schema(&self) -> Schema {
        Schema { version: 0, block: A::Model::block() }
    }

    fn validate(&self, config: Value) -> Diagnostics {
        validate(config, |config, diagnostics| self.0.validate(config, diagnostics))
    }

    async fn plan(&self, config: Value, context: &mut Context) -> Result<(), Diagnostics> {
        surviving(self.0.plan(model(config)?, context)).await
    }

    async fn invoke(&self, config: Value, progress: &Progress, context: &mut Context) -> Result<(), Diagnostics> {
        surviving(self.0.invoke(model(config)?, progress, context)).await
    }
}
