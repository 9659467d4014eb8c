//! What the user sees: the provider's configuration, its resources, data sources, list resources, actions and functions.

pub mod config;
mod connections;
mod contact;
mod diagnostics;
mod export;
mod image;
mod images;
mod noted;
mod unfinished;

use std::sync::Arc;

use async_trait::async_trait;

use self::config::ProviderModel;
use self::connections::Connections;
use self::export::ExportResource;
use self::export::action::ExportAction;
use self::image::ImageResource;
use self::image::fingerprint::ImageFingerprint;
use self::images::{ImageDataSource, ImageListResource, ImagesDataSource};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::erased::{AnyAction, AnyDataSource, AnyFunction, AnyListResource, AnyResource};
use crate::tfplugin::provider::{Provider, action, data_source, function, list_resource, resource};

/// The provider.
#[derive(Debug, Default)]
pub struct IncusProvider {
    connections: Arc<Connections>,
}

#[async_trait]
impl Provider for IncusProvider {
    type Config = ProviderModel;

    fn validate(&self, config: &ProviderModel, diagnostics: &mut Diagnostics) {
        config::validate(config, diagnostics);
    }

    async fn configure(&self, config: ProviderModel, _: &mut Context) -> Result<(), Diagnostics> {
        self.connections.configure(config);
        Ok(())
    }

    fn resources(&self) -> Vec<Box<dyn AnyResource>> {
        let connections = || Arc::clone(&self.connections);
        vec![resource(ImageResource::new(connections())), resource(ExportResource::new(connections()))]
    }

    fn data_sources(&self) -> Vec<Box<dyn AnyDataSource>> {
        vec![
            data_source(ImagesDataSource::new(Arc::clone(&self.connections))),
            data_source(ImageDataSource::new(Arc::clone(&self.connections))),
        ]
    }

    fn list_resources(&self) -> Vec<Box<dyn AnyListResource>> {
        vec![list_resource(ImageListResource::new(Arc::clone(&self.connections)))]
    }

    fn actions(&self) -> Vec<Box<dyn AnyAction>> {
        vec![action(ExportAction::new(Arc::clone(&self.connections)))]
    }

    fn functions(&self) -> Vec<Box<dyn AnyFunction>> {
        vec![function(ImageFingerprint::new(Arc::clone(&self.connections)))]
    }
}
