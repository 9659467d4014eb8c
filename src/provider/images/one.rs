//! The data source `incus_image`: the one image that matches.

use std::sync::Arc;

use async_trait::async_trait;

use super::choice;
use super::filter::Filter;
use super::found::FoundImage;
use super::listing::Listing;
use super::model::{FoundImageModel, OneImageModel};
use crate::provider::connections::{Connections, Place};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::data_source::DataSource;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};

/// The data source `incus_image`.
#[derive(Debug)]
pub(crate) struct ImageDataSource {
    connections: Arc<Connections>,
}

impl ImageDataSource {
    pub(crate) fn new(connections: Arc<Connections>) -> ImageDataSource {
        ImageDataSource { connections }
    }

    /// What an Incus server would take of the images of an image server that match.
    async fn preferred<'a>(
        &self,
        matching: Vec<FoundImage<'a>>,
        listing: &Listing,
    ) -> Result<Vec<FoundImage<'a>>, Diagnostic> {
        if !listing.is_of_image_server() {
            return Ok(matching);
        }
        let native = match choice::depends_on_architecture(&matching) {
            true => self.native().await.map_err(|why| choice::undecided(&matching, listing, &why))?,
            false => Vec::new(),
        };
        Ok(choice::preferred(matching, &native))
    }

    /// The architectures of the server that the provider's default remote names, or why they are not known.
    async fn native(&self) -> Result<Vec<String>, String> {
        let place = self.connections.resolve(Place { remote: Attr::Null, project: Attr::Null });
        let target = place.and_then(|place| self.connections.target_if_known(&place));
        let target = target.map_err(|error| format!("The default remote does not say: {}", error.detail))?;
        let Some(target) = target else { return Err("The default remote is not known yet.".to_owned()) };
        let server = target.client.server().await;
        let server =
            server.map_err(|error| format!("The default remote {:?} does not say: {error}.", target.remote))?;
        match server.architectures() {
            [] => Err(format!("The default remote {:?} does not say for which it is to be.", target.remote)),
            native => Ok(native.to_vec()),
        }
    }
}

#[async_trait]
impl DataSource for ImageDataSource {
    type Model = OneImageModel;

    const NAME: &'static str = "incus_image";

    fn validate(&self, config: &OneImageModel, diagnostics: &mut Diagnostics) {
        Filter::validate(&config.arguments(), diagnostics);
    }

    async fn read(&self, config: OneImageModel, _: &mut Context) -> Result<OneImageModel, Diagnostics> {
        let filter = Filter::new(&config.arguments())?;
        let listing = Listing::read(&self.connections, &config.arguments()).await?;
        let matching = self.preferred(filter.matching(listing.images()), &listing).await?;
        let found = FoundImageModel::from(&choice::only(&filter.newest(matching), &filter, &listing)?);
        let FoundImageModel { fingerprint, r#type, architecture, properties, public, cached, project, .. } = found;
        Ok(OneImageModel {
            remote: Attr::Known(listing.remote),
            project: listing.project.or_else(|| project),
            fingerprint,
            r#type,
            architecture: config.architecture.or_else(|| architecture),
            public,
            cached,
            properties,
            all_projects: config.all_projects,
            alias: config.alias,
            name_regex: config.name_regex,
            most_recent: config.most_recent,
            aliases: found.aliases,
            auto_update: found.auto_update,
            profiles: found.profiles,
            size: found.size,
            filename: found.filename,
            expires_at: found.expires_at,
            created_at: found.created_at,
            uploaded_at: found.uploaded_at,
            last_used_at: found.last_used_at,
            update_source: found.update_source,
        })
    }
}
