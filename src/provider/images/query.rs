//! The list resource `incus_image`: the images that match, for `terraform query`, which can bring them under management.

use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;

use super::filter::Filter;
use super::found::FoundImage;
use super::listing::Listing;
use super::model::ImageListModel;
use crate::incus::{Alias, Image};
use crate::provider::connections::{Connections, Place};
use crate::provider::image::ImageResource;
use crate::provider::image::import::unmanaged;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::list_resource::{self, ListResource};

/// The list resource `incus_image`.
#[derive(Debug)]
pub(in crate::provider) struct ImageListResource {
    connections: Arc<Connections>,
}

impl ImageListResource {
    pub(in crate::provider) fn new(connections: Arc<Connections>) -> ImageListResource {
        ImageListResource { connections }
    }
}

#[async_trait]
impl ListResource for ImageListResource {
    type Model = ImageListModel;
    type Resource = ImageResource;

    fn validate(&self, config: &ImageListModel, diagnostics: &mut Diagnostics) {
        Filter::validate(&config.arguments(), diagnostics);
    }

    async fn list(
        &self,
        config: ImageListModel,
        found: &mut list_resource::Listing<ImageResource>,
        _: &mut Context,
    ) -> Result<(), Diagnostics> {
        let filter = Filter::new(&config.arguments())?;
        // Refuses an image server: nothing there can be managed.
        let named = Place { remote: config.remote.clone(), project: config.project.clone() };
        self.connections.target_if_known(&self.connections.resolve(named)?)?;
        let listing = Listing::read(&self.connections, &config.arguments()).await?;
        for image in filter.apply(listing.images()).iter().filter_map(FoundImage::held) {
            let place = Place {
                remote: Attr::Known(listing.remote.clone()),
                project: listing.project.clone().or_else(|| image.project.as_str().into()),
            };
            let state = unmanaged(&self.connections, place, image, image.names().next());
            if found.push(shown(image), &state).await? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

/// What an image is called in a list: its first name, else the beginning of its fingerprint.
fn shown(image: &Image) -> String {
    image.names().next().map_or(image.fingerprint.short(), Alias::as_str).to_owned()
}
