//! Container registries (OCI) as a source: what goes with one, and the copy from there. The Incus server that copies does all the
//! asking; from here a registry is not even looked at.

use std::collections::BTreeMap;

use super::content::{Request, Transfer, copy};
use super::exchange::{Mode, mode};
use super::model::ImageModel;
use crate::incus::remotes::ask_helper;
use crate::incus::{Certificate, ImageType, Protocol, Source, SourceServer, Wanted};
use crate::provider::connections::{Registry, Target};
use crate::provider::diagnostics::explain;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// What an Incus server has that knows registries.
const EXTENSION: &str = "instance_oci";

/// Refuses arguments of `image` that a registry has nothing for.
pub(super) fn refuse(image: &ImageModel, registry: &Registry) -> Result<(), Diagnostic> {
    let refused = [
        ("vm", image.vm.is_true(), "It has containers only. Take `vm` out."),
        ("source_project", !image.source_project.is_null(), "It has no projects. Take `source_project` out."),
        (
            "mode",
            mode(image) != Mode::Pull,
            "Only the Incus server itself can fetch images from there. Take `mode` out.",
        ),
        (
            "copy_aliases",
            image.copy_aliases.is_true(),
            "It does not tell the names of an image. Take `copy_aliases` out, and list the names in `aliases`.",
        ),
        (
            "properties",
            lacks_type(&image.properties),
            "Incus tells by the property type = \"oci\" alone that instances of the image are application containers. Add that to \
             `properties`, which leaves only what it lists, or use `extra_properties` in its place.",
        ),
        (
            "refresh",
            image.refresh.is_true(),
            "Only the Incus server knows what a name there stands for, once it has fetched it. Use `auto_update`, which has the server \
             follow the name, or change `triggers` to fetch it again.",
        ),
    ];
    match refused.into_iter().find(|(_, refused, _)| *refused) {
        Some((argument, _, why)) => {
            let detail = format!("The remote {:?} is the registry at {}. {why}", registry.remote, registry.url);
            Err(Diagnostic::error("Invalid argument", detail).at(Path::attribute(argument)))
        }
        None => Ok(()),
    }
}

fn lacks_type(properties: &Attr<BTreeMap<String, Attr<String>>>) -> bool {
    let is_oci = |kind: &Attr<String>| kind.is_unknown() || kind.is("oci");
    properties.known().is_some_and(|properties| !properties.get("type").is_some_and(is_oci))
}

/// Refuses a server that does not know registries.
///
/// # Errors
/// Also where the server can't be asked.
pub(super) async fn must_be_known(target: &Target, registry: &Registry) -> Result<(), Diagnostic> {
    let server = target.client.server().await?;
    if server.has(EXTENSION) {
        return Ok(());
    }
    let Registry { remote, url, .. } = registry;
    let detail = format!(
        "The remote {remote:?} is the registry at {url}, and the Incus server of remote {:?} has version {}. Incus copies from registries \
         from 6.3 on (API extension {EXTENSION}); the 6.0 releases do not.",
        target.remote,
        server.version()
    );
    Err(Diagnostic::error("The Incus server can't copy from a registry", detail).at(Path::attribute("source")))
}

/// The copy of what a registry has under a name. A pin is held against what came.
///
/// # Errors
/// Where the server does not know registries, an argument does not go with one, or nobody tells the credentials.
pub(super) async fn transfer(registry: &Registry, name: String, request: Request<'_>) -> Result<Transfer, Diagnostic> {
    refuse(request.planned, registry)?;
    must_be_known(request.target, registry).await?;
    let credentials = match &registry.credentials_helper {
        Some(program) => Some(ask_helper(program, &registry.url).await.map_err(|error| {
            let summary = format!("Unable to get the credentials for remote {:?}", registry.remote);
            let explained = explain(&summary, &error);
            let advice = format!(
                " `credentials_helper` names the program. `echo {} | {program} get` shows what it says.",
                registry.url.authority()
            );
            Diagnostic { detail: explained.detail + &advice, ..explained }.at(Path::attribute("source"))
        })?),
        None => None,
    };
    let server = SourceServer {
        protocol: Protocol::Oci,
        url: registry.url.clone(),
        project: None,
        certificate: registry.certificate.as_ref().map(Certificate::to_pem),
        secret: None,
        credentials,
    };
    let source = Source::Image { server, image: Wanted::Alias(name), image_type: ImageType::Container };
    Ok(Transfer::Copy(copy(source, request)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::incus::ServerUrl;

    const ON: Attr<bool> = Attr::Known(true);

    fn properties(key: &str, value: &str) -> Attr<BTreeMap<String, Attr<String>>> {
        Attr::Known(BTreeMap::from([(key.to_owned(), value.into())]))
    }

    fn refused(image: &ImageModel) -> Option<String> {
        let url = ServerUrl::parse("https://docker.io").unwrap();
        let registry = Registry { remote: "docker".to_owned(), url, certificate: None, credentials_helper: None };
        refuse(image, &registry).err().map(|error| format!("{} {}", error.path, error.detail))
    }

    #[test]
    fn what_a_registry_has_nothing_for_is_refused_with_the_reason() {
        let image =
            || ImageModel { source: "docker:alpine:latest".into(), mode: "pull".into(), ..ImageModel::default() };
        let cases = [
            (ImageModel { vm: ON, ..image() }, "vm", "It has containers only."),
            (ImageModel { source_project: "p".into(), ..image() }, "source_project", "It has no projects."),
            (ImageModel { mode: "relay".into(), ..image() }, "mode", "Only the Incus server itself can fetch"),
            (ImageModel { mode: "push".into(), ..image() }, "mode", "Only the Incus server itself can fetch"),
            (ImageModel { copy_aliases: ON, ..image() }, "copy_aliases", "It does not tell the names of an image."),
            (ImageModel { properties: properties("os", "Alpine"), ..image() }, "properties", "use `extra_properties`"),
            (ImageModel { properties: properties("type", "split"), ..image() }, "properties", "use `extra_properties`"),
            (ImageModel { refresh: ON, ..image() }, "refresh", "Use `auto_update`"),
        ];
        for (image, argument, why) in cases {
            let said = refused(&image).unwrap();
            assert!(said.starts_with(argument) && said.contains(why), "{said}");
            assert!(said.contains("The remote \"docker\" is the registry at https://docker.io."), "{said}");
        }
        let pinned = "ab".repeat(32);
        for image in [
            image(),
            ImageModel { auto_update: ON, public: ON, ..image() },
            ImageModel { properties: properties("type", "oci"), ..image() },
            ImageModel { properties: Attr::Unknown, ..image() },
            ImageModel { extra_properties: properties("os", "Alpine"), ..image() },
            ImageModel { fingerprint: pinned.as_str().into(), architecture: "x86_64".into(), ..image() },
        ] {
            assert_eq!(refused(&image), None);
        }
    }
}
