//! Where the content of a new image comes from, as the request that brings it in.

use std::collections::BTreeMap;
use std::iter::successors;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::exchange::{Exchange, Mode, mode, no_push};
use super::facts::{locate, source};
use super::model::ImageModel;
use super::publication::Publication;
use super::registry;
use super::source::SourceArgument;
use super::upstream::{Sought, Upstream, UpstreamImage, image_type, look_up};
use super::wanted::Wanted;
use crate::incus::simplestreams::ImageServer;
use crate::incus::{self, Copy, Error, Fingerprint, Imported, Protocol, Push, ServerUrl, Source, Upload, architecture};
use crate::provider::connections::{Connections, SourceServer, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The words of a server whose copy of the index lacks an image.
const UNKNOWN_TO_THE_SERVER: &str = "couldn't be found";

/// The words of a server whose copy of the index is half-written (6.0.4): no lock keeps one pull from reading what another writes.
const HALF_AN_INDEX: &str = "unexpected end of JSON input";

/// How long a server gets to write the rest of an index.
const WRITING: Duration = Duration::from_millis(200);

/// How many other addresses of an image server are tried. As many versions can be swapped in within an hour.
const OTHER_ADDRESSES: usize = 4;

/// What brings an image to a server.
#[derive(Debug)]
pub(super) enum Transfer {
    /// From files here.
    Upload(Upload),
    /// From an image server or the web, which the server asks itself.
    Copy(Copy),
    /// From another Incus server, or another project.
    Exchange(Exchange),
    /// From an image server, through this process.
    Relay(ImageServer, Push),
    /// From an instance.
    Publication(Publication),
}

/// What is asked of a transfer.
pub(super) struct Request<'a> {
    /// The planned image.
    pub(super) planned: &'a ImageModel,
    /// The same in Incus's terms.
    pub(super) wanted: &'a Wanted,
    /// What the image is to have in addition to its own properties.
    pub(super) properties: BTreeMap<String, String>,
    /// Where it is to come to.
    pub(super) target: &'a Target,
}

impl Transfer {
    /// The transfer that a plan asks for, and the image that it is of, where that was looked up.
    ///
    /// # Errors
    /// Where a file is missing, or is not what was planned, or a remote can't be copied from.
    pub(super) async fn prepare(
        request: Request<'_>,
        connections: &Connections,
    ) -> Result<(Transfer, Option<UpstreamImage>), Diagnostic> {
        let Request { planned, wanted, target, .. } = &request;
        let transfer = match source(planned, connections)? {
            None => {
                let missing = Diagnostic::error("Unable to create an image without a source", "Add `source`.");
                return Err(missing.at(Path::attribute("source")));
            }
            Some(SourceArgument::Remote { remote, name }) => {
                if let Some(registry) = connections.registry(&remote)? {
                    return Ok((registry::transfer(&registry, name, request).await?, None));
                }
                let server = connections.source_server(&remote, &planned.source_project, &target.place())?;
                return from_remote(&server, &remote, name, request).await;
            }
            Some(SourceArgument::File(file)) => {
                let files = locate(file, planned, connections).await;
                let at = |error: Error| diagnose(&error).at(Path::attribute("source"));
                Transfer::Upload(Upload {
                    files: files.files().await.map_err(at)?,
                    public: wanted.is_public(),
                    fingerprint: wanted.fingerprint.clone(),
                    filename: files.filename(),
                    properties: request.properties,
                })
            }
            Some(SourceArgument::Web(address)) => {
                let fingerprint = wanted.fingerprint.clone();
                Transfer::Copy(copy(Source::File { address, fingerprint }, request))
            }
            Some(SourceArgument::Instance(instance)) => {
                let project = planned.source_project.known().map_or(target.project.as_str(), String::as_str);
                let from = connections.target(&target.remote, project)?;
                Transfer::Publication(Publication::new(instance, from, request))
            }
        };
        Ok((transfer, None))
    }

    /// Brings the image in.
    ///
    /// # Errors
    /// As the client's `upload` and `copy`.
    pub(super) async fn run(&self, target: &Target, stop: &CancellationToken) -> Result<Imported, Error> {
        match self {
            Transfer::Upload(upload) => target.client.upload(&target.project, upload, stop).await,
            Transfer::Copy(copy) => {
                let attempt = async |copy: &Copy| target.client.copy(&target.project, copy, stop).await;
                let mut outcome = attempt(copy).await;
                if outcome.as_ref().is_err_and(is_half_an_index) {
                    sleep(WRITING).await;
                    outcome = attempt(copy).await;
                }
                for other in successors(uncached(copy), uncached).take(OTHER_ADDRESSES) {
                    match &outcome {
                        Err(error) if is_unknown_to_the_server(error) || is_half_an_index(error) => {
                            outcome = attempt(&other).await;
                        }
                        _ => break,
                    }
                }
                outcome
            }
            Transfer::Exchange(exchange) => exchange.run(target, stop).await,
            Transfer::Relay(images, push) => target.client.relay_from_images(&target.project, push, images, stop).await,
            Transfer::Publication(publication) => publication.run(target, stop).await,
        }
    }

    /// Whether it succeeds on an image that is there as well, and overwrites the fields of that.
    pub(super) fn may_land(&self) -> bool {
        match self {
            Transfer::Copy(_) => true,
            Transfer::Exchange(exchange) => exchange.is_pulled(),
            Transfer::Upload(_) | Transfer::Relay(..) | Transfer::Publication(_) => false,
        }
    }

    /// The image that it will bring, if that is known.
    pub(super) fn fingerprint(&self) -> Option<&Fingerprint> {
        match self {
            Transfer::Upload(upload) => upload.fingerprint.as_ref(),
            Transfer::Copy(copy) => copy.source.fingerprint(),
            Transfer::Exchange(exchange) => Some(exchange.fingerprint()),
            Transfer::Relay(_, push) => Some(&push.fingerprint),
            Transfer::Publication(_) => None,
        }
    }
}

/// Whether the server says that it does not find the image that it is to fetch.
pub(super) fn is_unknown_to_the_server(error: &Error) -> bool {
    matches!(error, Error::Operation { message, .. } if message.contains(UNKNOWN_TO_THE_SERVER))
}

/// Whether the server says that it has only the beginning of an image server's index.
fn is_half_an_index(error: &Error) -> bool {
    matches!(error, Error::Operation { message, .. } if message.contains(HALF_AN_INDEX))
}

pub(super) fn copy(source: Source, request: Request<'_>) -> Copy {
    let Request { wanted, properties, .. } = request;
    Copy { source, public: wanted.is_public(), auto_update: wanted.follows_source(), properties }
}

/// The copy of the image `name` of a remote.
async fn from_remote(
    server: &SourceServer,
    remote: &str,
    name: String,
    request: Request<'_>,
) -> Result<(Transfer, Option<UpstreamImage>), Diagnostic> {
    let Request { planned, wanted, target, .. } = &request;
    let image_type = image_type(&planned.vm);
    let architecture = wanted.architecture.as_deref();
    let pin = wanted.fingerprint.as_ref();
    let sought = Sought { remote, name: pin.map_or(&name, Fingerprint::as_str), image_type, architecture };
    match server {
        SourceServer::Incus(from) => {
            let upstream = look_up(server, &sought, &[]).await.image()?;
            let exchange = Exchange::prepare(from.clone(), upstream.clone(), &name, request).await?;
            Ok((Transfer::Exchange(exchange), Some(upstream)))
        }
        SourceServer::Images(images) if mode(planned) == Mode::Relay => {
            let incus = target.client.server().await?;
            let upstream = look_up(server, &sought, incus.architectures()).await.image()?;
            let push = upstream.to_send(wanted.is_public(), &request.properties);
            Ok((Transfer::Relay(images.clone(), push), Some(upstream)))
        }
        SourceServer::Images(images) => {
            no_push(planned, remote)?;
            let upstream = upstream(server, &sought, &request).await?;
            let found = upstream.as_ref().map(|image| &image.fingerprint);
            let image = match pin.or(found) {
                Some(fingerprint) if pin.is_some() || !wanted.follows_source() => {
                    incus::Wanted::Fingerprint(fingerprint.clone())
                }
                // The server follows names, not fingerprints.
                _ => incus::Wanted::Alias(with_architecture(name, architecture)),
            };
            let server = incus::SourceServer {
                protocol: Protocol::Simplestreams,
                url: images.url().clone(),
                project: None,
                certificate: images.certificate().map(incus::Certificate::to_pem),
                secret: None,
                credentials: None,
            };
            Ok((Transfer::Copy(copy(Source::Image { server, image, image_type }, request)), upstream))
        }
    }
}

/// The image that is sought on an image server, unless the Incus server finds out itself.
async fn upstream(
    server: &SourceServer,
    sought: &Sought<'_>,
    request: &Request<'_>,
) -> Result<Option<UpstreamImage>, Diagnostic> {
    let Request { planned, wanted, target, .. } = request;
    let copies_names = planned.copy_aliases.is_true();
    if (wanted.fingerprint.is_some() || wanted.follows_source()) && !copies_names {
        return Ok(None);
    }
    let incus = target.client.server().await?;
    match look_up(server, sought, incus.architectures()).await {
        Upstream::Image(image) => Ok(Some(image)),
        Upstream::Silent(_) if !copies_names => Ok(None),
        Upstream::Nothing(error) | Upstream::Silent(error) => Err(error),
    }
}

/// The same copy, past the server's copy of the image server's index, which it trusts for an hour (6.0.4): the index of another
/// address is read anew. Nothing for other sources.
fn uncached(copy: &Copy) -> Option<Copy> {
    let Source::Image { server, image, image_type } = &copy.source else { return None };
    if server.protocol != Protocol::Simplestreams {
        return None;
    }
    let url = ServerUrl::parse(&format!("{}/.", server.url)).ok()?;
    let server = incus::SourceServer { url, ..server.clone() };
    let source = Source::Image { server, image: image.clone(), image_type: *image_type };
    Some(Copy { source, ..copy.clone() })
}

/// The name of an image for one architecture, as image servers have it: `alpine/edge/arm64`.
pub(super) fn with_architecture(name: String, wanted: Option<&str>) -> String {
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
