//! The data source `incus_images`: all images that match.

use std::sync::Arc;

use async_trait::async_trait;

use super::filter::Filter;
use super::listing::Listing;
use super::model::{FoundImageModel, ImagesModel};
use crate::provider::connections::Connections;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::data_source::DataSource;
use crate::tfplugin::diagnostic::Diagnostics;

/// The data source `incus_images`.
#[derive(Debug)]
pub(crate) struct ImagesDataSource {
    connections: Arc<Connections>,
}

impl ImagesDataSource {
    pub(crate) fn new(connections: Arc<Connections>) -> ImagesDataSource {
        ImagesDataSource { connections }
    }
}

#[async_trait]
impl DataSource for ImagesDataSource {
    type Model = ImagesModel;

    const NAME: &'static str = "incus_images";

    fn validate(&self, config: &ImagesModel, diagnostics: &mut Diagnostics) {
        Filter::validate(&config.arguments(), diagnostics);
    }

    async fn read(&self, config: ImagesModel, _: &mut Context) -> Result<ImagesModel, Diagnostics> {
        let filter = Filter::new(&config.arguments())?;
        let listing = Listing::read(&self.connections, &config.arguments()).await?;
        let images = filter.apply(listing.images());
        Ok(ImagesModel {
            fingerprints: Attr::Known(images.iter().map(|image| image.fingerprint.as_str().into()).collect()),
            images: Attr::Known(images.iter().map(FoundImageModel::from).collect()),
            remote: Attr::Known(listing.remote),
            project: listing.project,
            ..config
        })
    }
}
