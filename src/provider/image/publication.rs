//! An image made of an instance. Incus makes it in the instance's own project; where the image is to be in another one, it moves on
//! from there.

use tokio_util::sync::CancellationToken;

use super::content::Request;
use super::exchange::Exchange;
use super::marker::are_marked_alike;
use crate::incus::{Error, Fingerprint, Image, Imported, InstanceName, Publish};
use crate::provider::connections::Target;

/// An image to make of an instance.
#[derive(Debug)]
pub(super) struct Publication {
    /// The instance's project.
    from: Target,
    publish: Publish,
}

impl Publication {
    /// The image of the instance `instance` in the project `from`.
    pub(super) fn new(instance: InstanceName, from: Target, request: Request<'_>) -> Publication {
        let Request { planned, wanted, properties, .. } = request;
        let compression = planned.compression.known().cloned();
        Publication { from, publish: Publish { instance, compression, public: wanted.is_public(), properties } }
    }

    /// Makes the image.
    ///
    /// # Errors
    /// As the client's `publish`, and [`Exchange::run`].
    pub(super) async fn run(&self, target: &Target, stop: &CancellationToken) -> Result<Imported, Error> {
        let Publication { from, publish } = self;
        if from.project == target.project {
            return from.client.publish(&from.project, publish, stop).await;
        }
        // What an interrupted run has left.
        self.sweep().await?;
        match from.client.publish(&from.project, publish, stop).await {
            // Projects may share their images.
            Ok(published) if target.client.image(&target.project, &published.fingerprint).await?.is_some() => {
                Ok(published)
            }
            Ok(published) => {
                let moved = self.pass_on(&published.fingerprint, target, stop).await;
                self.sweep().await?;
                moved
            }
            Err(error) => {
                self.sweep().await?;
                Err(error)
            }
        }
    }

    /// Copies the image that was made to where it is to be.
    async fn pass_on(
        &self,
        fingerprint: &Fingerprint,
        target: &Target,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let Publication { from, publish } = self;
        let image = from.client.image(&from.project, fingerprint).await?;
        let image = image.ok_or_else(|| Error::Changed {
            thing: format!("image {fingerprint}"),
            address: from.client.address().to_owned(),
        })?;
        let exchange = Exchange::within(from.clone(), image.into(), publish.public, publish.properties.clone()).await?;
        exchange.run(target, stop).await
    }

    /// Removes the images that were made on the way and bear the resource's mark, in the instance's project.
    async fn sweep(&self) -> Result<(), Error> {
        let Publication { from, publish } = self;
        let is_marked =
            |image: &Image| image.aliases.is_empty() && are_marked_alike(&publish.properties, &image.properties);
        for image in from.client.images(&from.project).await?.iter().filter(|image| is_marked(image)) {
            // Cleaning up is not stopped: it is what a stop asks for.
            from.client.delete_image(&from.project, &image.fingerprint, &CancellationToken::new()).await?;
        }
        Ok(())
    }
}
