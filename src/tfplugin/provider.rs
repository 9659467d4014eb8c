//! What a provider is written with.

use async_trait::async_trait;

use super::action::Action;
use super::context::Context;
use super::data_source::DataSource;
use super::diagnostic::Diagnostics;
use super::erased::{AnyAction, AnyDataSource, AnyFunction, AnyListResource, AnyResource, Erased};
use super::function::Function;
use super::list_resource::ListResource;
use super::model::Model;
use super::resource::Resource;

/// A provider.
#[async_trait]
pub trait Provider: Send + Sync + Sized + 'static {
    /// The provider block.
    type Config: Model;

    /// Checks a configuration as far as it is known.
    fn validate(&self, config: &Self::Config, diagnostics: &mut Diagnostics);

    /// Takes the configuration, which may hold unknown values in a plan. Called again when one process serves several runs;
    /// the newest configuration counts.
    ///
    /// # Errors
    /// Why nothing can be done with it.
    async fn configure(&self, config: Self::Config, context: &mut Context) -> Result<(), Diagnostics>;

    /// The resources, each made by [`resource`].
    fn resources(&self) -> Vec<Box<dyn AnyResource>>;

    /// The data sources, each made by [`data_source`].
    fn data_sources(&self) -> Vec<Box<dyn AnyDataSource>>;

    /// The list resources, each made by [`list_resource`].
    fn list_resources(&self) -> Vec<Box<dyn AnyListResource>> {
        Vec::new()
    }

    /// The actions, each made by [`action`].
    fn actions(&self) -> Vec<Box<dyn AnyAction>> {
        Vec::new()
    }

    /// The functions, each made by [`function`].
    fn functions(&self) -> Vec<Box<dyn AnyFunction>> {
        Vec::new()
    }
}

/// A resource for [`Provider::resources`].
pub fn resource(resource: impl Resource) -> Box<dyn AnyResource> {
    Box::new(Erased(resource))
}

/// A data source for [`Provider::data_sources`].
pub fn data_source(data_source: impl DataSource) -> Box<dyn AnyDataSource> {
    Box::new(Erased(data_source))
}

/// A list resource for [`Provider::list_resources`].
pub fn list_resource(list_resource: impl ListResource) -> Box<dyn AnyListResource> {
    Box::new(Erased(list_resource))
}

/// An action for [`Provider::actions`].
pub fn action(action: impl Action) -> Box<dyn AnyAction> {
    Box::new(Erased(action))
}

/// A function for [`Provider::functions`].
pub fn function(function: impl Function) -> Box<dyn AnyFunction> {
    Box::new(Erased(function))
}
