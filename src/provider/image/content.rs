//! Where the content of a new image comes from, as the request that brings it in.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::facts::{locate, source};
use super::model::ImageModel;
use super::source::SourceArgument;
use super::upstream::{Sought, Upstream, look_up};
use super::wanted::Wanted;
use crate::incus::{self, Copy, Error, Fingerprint, ImageType, Imported, Protocol, ServerUrl, Upload, architecture};
use crate::provider::connections::{Connections, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The words of a server whose copy of the index lacks an image.
const UNKNOWN_TO_THE_SERVER: &str = "couldn't be found";

/// A request that brings an image to a server.
#[derive(Debug)]
pub(super) enum Transfer {
    /// From files here.
    Upload(Upload),
    /// From another server.
    Copy(Copy),
}

impl Transfer {
    /// The transfer that a plan asks for. The image will have `properties` in addition to its own.
    ///
    /// # Errors
    /// Where a file is missing, or is not what was planned, or a remote can't be copied from.
    pub(super) async fn planned(
        planned: &ImageModel,
        wanted: &Wanted,
        properties: BTreeMap<String, String>,
        connections: &Connections,
        target: &Target,
    ) -> Result<Transfer, Diagnostic> {
        let path = Path::attribute("source");
        match source(planned, connections)? {
            None => Err(Diagnostic::error("Unable to create an image without a source", "Add `source`.").at(path)),
            Some(SourceArgument::File(file)) => {
                let files = locate(file, planned, connections).await;
                let at = |error: Error| diagnose(&error).at(path.clone());
                Ok(Transfer::Upload(Upload {
                    files: files.files().await.map_err(at)?,
                    properties,
                    public: wanted.is_public(),
                    fingerprint: wanted.fingerprint.clone(),
                    filename: files.filename(),
                }))
            }
            Some(SourceArgument::Remote { remote, name }) => {
                let server = connections.image_server(&remote, &path)?;
                let image_type = image_type(planned);
                let architecture = wanted.architecture.as_deref();
                let image = match &wanted.fingerprint {
                    Some(fingerprint) => incus::Wanted::Fingerprint(fingerprint.clone()),
                    // The server follows names, not fingerprints.
                    None if wanted.follows_source() => incus::Wanted::Alias(with_architecture(name, architecture)),
                    None => {
                        let sought = Sought { remote: &remote, name: &name, image_type, architecture };
                        let incus = target.client.server().await.map_err(|error| diagnose(&error))?;
                        match look_up(&server, &sought, incus.architectures()).await {
                            Upstream::Image(fingerprint) => incus::Wanted::Fingerprint(fingerprint),
                            Upstream::Nothing(error) => return Err(error),
                            Upstream::Silent(_) => incus::Wanted::Alias(with_architecture(name, architecture)),
                        }
                    }
                };
                Ok(Transfer::Copy(Copy {
                    source: incus::Source {
                        protocol: Protocol::Simplestreams,
                        server: server.url().clone(),
                        project: None,
                        certificate: None,
                    },
                    image,
                    image_type,
                    public: wanted.is_public(),
                    auto_update: wanted.follows_source(),
                    properties,
                    profiles: None,
                }))
            }
        }
    }

    /// Brings the image in.
    ///
    /// # Errors
    /// As the client's `upload` and `copy`.
    pub(super) async fn run(&self, target: &Target, stop: &CancellationToken) -> Result<Imported, Error> {
        match self {
            Transfer::Upload(upload) => target.client.upload(&target.project, upload, stop).await,
            Transfer::Copy(copy) => match target.client.copy(&target.project, copy, stop).await {
                Err(Error::Operation { message, .. }) if message.contains(UNKNOWN_TO_THE_SERVER) => {
                    target.client.copy(&target.project, &uncached(copy)?, stop).await
                }
                outcome => outcome,
            },
        }
    }

    /// The image that it will bring, if that is known.
    pub(super) fn fingerprint(&self) -> Option<&Fingerprint> {
        match self {
            Transfer::Upload(upload) => upload.fingerprint.as_ref(),
            Transfer::Copy(Copy { image: incus::Wanted::Fingerprint(fingerprint), .. }) => Some(fingerprint),
            Transfer::Copy(_) => None,
        }
    }
}

/// The same copy, past the server's copy of the image server's index, which it trusts for an hour (6.0.4): the index of another
/// address is read anew.
fn uncached(copy: &Copy) -> Result<Copy, Error> {
    let address = format!("{}/.", copy.source.server);
    let server = match ServerUrl::parse(&address) {
        Ok(server) => server,
        Err(source) => return Err(Error::Request { address, source: source.into() }),
    };
    Ok(Copy { source: incus::Source { server, ..copy.source.clone() }, ..copy.clone() })
}

/// Which of the images of a name is meant.
pub(super) fn image_type(config: &ImageModel) -> ImageType {
    match config.vm {
        Attr::Known(true) => ImageType::VirtualMachine,
        _ => ImageType::Container,
    }
}

/// The name of an image for one architecture, as image servers have it: `alpine/edge/arm64`.
fn with_architecture(name: String, wanted: Option<&str>) -> String {
    match wanted.map(architecture::simplestreams) {
        Some(architecture) if !name.ends_with(&format!("/{architecture}")) => format!("{name}/{architecture}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_becomes_part_of_the_name() {
        let named = |name: &str, architecture| with_architecture(name.to_owned(), architecture);
        assert_eq!(named("alpine/edge", None), "alpine/edge");
        assert_eq!(named("alpine/edge", Some("aarch64")), "alpine/edge/arm64");
        assert_eq!(named("alpine/edge", Some("arm64")), "alpine/edge/arm64");
        assert_eq!(named("alpine/edge/arm64", Some("aarch64")), "alpine/edge/arm64");
    }
}
