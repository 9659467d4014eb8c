//! Which arguments go with which kind of source.

use crate::provider::diagnostics::refuse;
use crate::provider::image::exchange::Mode;
use crate::provider::image::model::ImageModel;
use crate::provider::image::source::{SourceArgument, is_given};
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::path::Path;

/// Where the content comes from, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Unknown,
    Remote,
    Web,
    File,
    Instance,
}

/// Tells what is wrong with the source, and with the arguments beside it.
pub(super) fn validate(config: &ImageModel, diagnostics: &mut Diagnostics) {
    if !config.source.is_null() && !config.source_instance.is_null() {
        let why = "An image comes from `source` or from `source_instance`. Take out one of the two.";
        return refuse(diagnostics, Path::attribute("source_instance"), why);
    }
    let kind = match SourceArgument::of(config, None) {
        Ok(Some(SourceArgument::Remote { .. })) => Kind::Remote,
        Ok(Some(SourceArgument::Web(_))) => Kind::Web,
        Ok(Some(SourceArgument::File(_))) => Kind::File,
        Ok(Some(SourceArgument::Instance(_))) => Kind::Instance,
        Ok(None) if !config.source_instance.is_null() => Kind::Instance,
        Ok(None) if is_given(config) => Kind::Unknown,
        Ok(None) => Kind::None,
        Err(error) => return refuse(diagnostics, error.path(), error),
    };
    for (argument, why) in beside(config, kind).into_iter().chain(newer_versions(config, kind)) {
        refuse(diagnostics, Path::attribute(argument), why);
    }
    if let Some(mode) = config.mode.known().filter(|mode| Mode::parse(mode).is_none()) {
        let why = format!("{mode:?} is none of \"pull\", \"push\" and \"relay\".");
        refuse(diagnostics, Path::attribute("mode"), why);
    }
}

/// The arguments that are of no use with this kind of source.
fn beside(config: &ImageModel, kind: Kind) -> Vec<(&'static str, &'static str)> {
    let is_one_of = |kinds: &[Kind]| kind == Kind::Unknown || kinds.contains(&kind);
    let mut refused = Vec::new();
    if !config.rootfs.is_null() && !is_one_of(&[Kind::File]) {
        let why = "`rootfs` is the second half of a split image: it needs a file as `source`, the metadata half.";
        refused.push(("rootfs", why));
    }
    if !config.source_project.is_null() && !is_one_of(&[Kind::Remote, Kind::Instance]) {
        let why = "`source_project` says where an image of a remote or an instance is: it needs \"remote:name\" as `source`, or \
                   `source_instance`.";
        refused.push(("source_project", why));
    }
    if !config.compression.is_null() && !is_one_of(&[Kind::Instance]) {
        let why = "`compression` says how the image of an instance is packed: it needs `source_instance`.";
        refused.push(("compression", why));
    }
    if !config.triggers.is_null() && !is_one_of(&[Kind::Remote, Kind::Web, Kind::Instance]) {
        let why = match kind {
            Kind::File => "A file is looked at in any case. Take `triggers` out.",
            _ => "`triggers` lead to new content from a source: they need `source` or `source_instance`.",
        };
        refused.push(("triggers", why));
    }
    if config.copy_aliases.is_true() && !is_one_of(&[Kind::Remote]) {
        let why = "Only an image of a remote has names there. Take `copy_aliases` out.";
        refused.push(("copy_aliases", why));
    }
    if config.mode.known().is_some_and(|mode| mode != "pull") && !is_one_of(&[Kind::Remote]) {
        let why = "`mode` says how an image comes from a remote: it needs \"remote:name\" as `source`.";
        refused.push(("mode", why));
    }
    if config.vm.is_true() {
        match kind {
            Kind::File => refused.push((
                "vm",
                "A file says itself whether it is a virtual machine image. Leave `vm` out: it selects among the images of a remote.",
            )),
            Kind::Web => refused.push((
                "vm",
                "A file on the web says itself whether it is a virtual machine image. Leave `vm` out: it selects among the images \
                 of a remote.",
            )),
            Kind::Instance => refused.push((
                "vm",
                "The image is for what the instance is. Leave `vm` out: it selects among the images of a remote.",
            )),
            Kind::None | Kind::Unknown | Kind::Remote => {}
        }
    }
    refused
}

/// The arguments that ask for newer versions where there are none.
fn newer_versions(config: &ImageModel, kind: Kind) -> Vec<(&'static str, &'static str)> {
    let mut refused = Vec::new();
    if config.refresh.is_true() {
        match kind {
            Kind::File => refused.push(("refresh", "A file is looked at in any case. Take `refresh` out.")),
            Kind::Web => refused.push((
                "refresh",
                "A file on the web is fetched once. Give another `fingerprint`, or change `triggers`, to fetch it again.",
            )),
            Kind::Instance => refused.push((
                "refresh",
                "An instance changes all the time. Change `triggers` to publish it again.",
            )),
            Kind::None | Kind::Unknown | Kind::Remote => {}
        }
        if !config.fingerprint.is_null() {
            let why = "An image that is pinned by `fingerprint` has no newer version. Take out one of the two.";
            refused.push(("refresh", why));
        }
        if config.auto_update.is_true() {
            let why = "With `auto_update` the server brings in newer versions itself. Take out one of the two.";
            refused.push(("refresh", why));
        }
    }
    if config.auto_update.is_true() {
        match kind {
            Kind::File => {
                refused.push((
                    "auto_update",
                    "The server can't look for newer versions of a file. Take `auto_update` out.",
                ));
            }
            Kind::Web => refused.push((
                "auto_update",
                "The server can't look for newer versions of a file on the web. Take `auto_update` out.",
            )),
            Kind::Instance => refused.push((
                "auto_update",
                "The server can't look for newer versions of an instance. Take `auto_update` out.",
            )),
            Kind::None | Kind::Unknown | Kind::Remote => {}
        }
        if !config.fingerprint.is_null() {
            let why = "An image that is pinned by `fingerprint` has no newer version. Take out one of the two.";
            refused.push(("auto_update", why));
        }
        if config.mode.known().is_some_and(|mode| mode != "pull") {
            let why = "The server can only follow what it has pulled. Take out `auto_update` or `mode`.";
            refused.push(("auto_update", why));
        }
    }
    refused
}

#[cfg(test)]
mod tests;
