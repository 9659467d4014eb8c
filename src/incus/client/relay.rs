//! Images that stream here from another server. Nothing is kept on the way.

use tokio_util::sync::CancellationToken;

use super::transfers::already_there;
use super::{Client, Imported, stopped};
use crate::incus::progress::{self, Passed};
use crate::incus::requests;
use crate::incus::simplestreams::{ImageServer, StreamFile};
use crate::incus::transport::Outgoing;
use crate::incus::{Error, Export, Project, Push};

impl Client {
    /// Streams an image here that another server has in `their_project`. [`Error::AlreadyExists`] if the project has it,
    /// [`Error::Oci`] if it would be refused.
    pub async fn relay(
        &self,
        project: &Project,
        push: &Push,
        them: &Client,
        their_project: &Project,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let export = them.export(their_project, &push.fingerprint).await?;
        let Export { content_type, filename, is_oci, content, .. } = export;
        if is_oci {
            let (fingerprint, address) = (push.fingerprint.clone(), them.address().to_owned());
            return Err(Error::Oci { fingerprint, address });
        }
        let outgoing = Outgoing::Whole { content_type, length: None, content };
        self.stream_here(project, push, filename.as_deref(), them.address(), outgoing, stop).await
    }

    /// Streams an image here that an image server has. [`Error::AlreadyExists`] if the project has it.
    pub async fn relay_from_images(
        &self,
        project: &Project,
        push: &Push,
        images: &ImageServer,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let files = images.files_of(&push.fingerprint).await?;
        let outgoing = Outgoing::of_files(images, &files);
        let filename = files.last().map(StreamFile::name);
        self.stream_here(project, push, filename, images.url().as_str(), outgoing, stop).await
    }

    async fn stream_here(
        &self,
        project: &Project,
        push: &Push,
        filename: Option<&str>,
        from: &str,
        outgoing: Outgoing,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        self.shared.reads.note_write();
        let what = format!("relay image {} from {from}", push.fingerprint);
        let request = requests::relay(project, push, filename);
        let passed = Passed::default();
        let outgoing = passed.counting(outgoing);
        let begun = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(stopped(&what)),
            received = progress::told(&what, Some(&passed), self.transport().pass_on(&what, request, outgoing)) => {
                self.operation(&what, received?)?
            }
        };
        let outcome = self.imported(&what, &begun, stop).await;
        outcome.map_err(|error| already_there(error, Some(&push.fingerprint)))
    }
}
