//! The data source `incus_images`: the images of a server.

mod model;

use std::sync::Arc;

use async_trait::async_trait;

use self::model::{FoundImageModel, ImagesModel};
use super::connections::{Connections, Place};
use super::diagnostics::diagnose;
use super::image::truth::{aliases, instant, update_source};
use crate::incus::{Image, Project};
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::context::Context;
use crate::tfplugin::data_source::DataSource;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// The data source `incus_images`.
#[derive(Debug)]
pub(super) struct ImagesDataSource {
    connections: Arc<Connections>,
}

impl ImagesDataSource {
    pub(super) fn new(connections: Arc<Connections>) -> ImagesDataSource {
        ImagesDataSource { connections }
    }
}

#[async_trait]
impl DataSource for ImagesDataSource {
    type Model = ImagesModel;

    const NAME: &'static str = "incus_images";

    fn validate(&self, config: &ImagesModel, diagnostics: &mut Diagnostics) {
        if let Some(Err(error)) = config.project.known().map(|project| Project::parse(project)) {
            diagnostics.push(Diagnostic::error("Invalid argument", format!("{error}.")).at(Path::attribute("project")));
        }
    }

    async fn read(&self, config: ImagesModel, _: &mut Context) -> Result<ImagesModel, Diagnostics> {
        let place = self.connections.resolve(Place { remote: config.remote, project: config.project })?;
        let (Attr::Known(remote), Attr::Known(project)) = (&place.remote, &place.project) else {
            let detail = "The provider's `default_remote` or `project` is not known. Set `remote` and `project` here.";
            return Err(Diagnostic::error("Unable to tell which images are meant", detail).into());
        };
        let target = self.connections.target(remote, project)?;
        let images = target.client.images(&target.project).await.map_err(|error| diagnose(&error))?;
        Ok(ImagesModel {
            fingerprints: Attr::Known(images.iter().map(|image| image.fingerprint.as_str().into()).collect()),
            images: Attr::Known(images.iter().map(found).collect()),
            remote: place.remote,
            project: place.project,
        })
    }
}

fn found(image: &Image) -> FoundImageModel {
    FoundImageModel {
        fingerprint: image.fingerprint.as_str().into(),
        aliases: Attr::Known(aliases(image)),
        r#type: image.image_type.as_str().into(),
        architecture: image.architecture.as_str().into(),
        properties: Attr::Known(
            image.properties.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect(),
        ),
        public: Attr::Known(image.public),
        auto_update: Attr::Known(image.auto_update),
        cached: Attr::Known(image.cached),
        profiles: Attr::Known(image.profiles.iter().cloned().collect::<Set<_>>()),
        size: i64::try_from(image.size).ok().into(),
        filename: image.filename.as_str().into(),
        project: image.project.as_str().into(),
        expires_at: Attr::Known(image.expires_at.to_string()),
        created_at: instant(image.created_at),
        uploaded_at: instant(image.uploaded_at),
        last_used_at: image.last_used_at.map_or(Attr::Null, instant),
        update_source: image.update_source.as_ref().map(update_source).into(),
    }
}
