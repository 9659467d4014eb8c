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
    for (argument, is_refused, why) in beside(config, kind).into_iter().chain(newer_versions(config, kind)) {
        if is_refused {
            refuse(diagnostics, Path::attribute(argument), why);
        }
    }
    if let Some(mode) = config.mode.known().filter(|mode| Mode::parse(mode).is_none()) {
        let why = format!("{mode:?} is none of \"pull\", \"push\" and \"relay\".");
        refuse(diagnostics, Path::attribute("mode"), why);
    }
}

/// An argument, whether it is refused, and why.
type Refusal = (&'static str, bool, &'static str);

/// The arguments that are of no use with this kind of source.
fn beside(config: &ImageModel, kind: Kind) -> [Refusal; 10] {
    let is_none_of = |kinds: &[Kind]| kind != Kind::Unknown && !kinds.contains(&kind);
    let is_triggered = !config.triggers.is_null();
    [
        (
            "rootfs",
            !config.rootfs.is_null() && is_none_of(&[Kind::File]),
            "`rootfs` is the second half of a split image: it needs a file as `source`, the metadata half.",
        ),
        (
            "source_project",
            !config.source_project.is_null() && is_none_of(&[Kind::Remote, Kind::Instance]),
            "`source_project` says where an image of a remote or an instance is: it needs \"remote:name\" as `source`, or \
             `source_instance`.",
        ),
        (
            "compression",
            !config.compression.is_null() && is_none_of(&[Kind::Instance]),
            "`compression` says how the image of an instance is packed: it needs `source_instance`.",
        ),
        ("triggers", is_triggered && kind == Kind::File, "A file is looked at in any case. Take `triggers` out."),
        (
            "triggers",
            is_triggered && kind == Kind::None,
            "`triggers` lead to new content from a source: they need `source` or `source_instance`.",
        ),
        (
            "copy_aliases",
            config.copy_aliases.is_true() && is_none_of(&[Kind::Remote]),
            "Only an image of a remote has names there. Take `copy_aliases` out.",
        ),
        (
            "mode",
            is_not_pulled(config) && is_none_of(&[Kind::Remote]),
            "`mode` says how an image comes from a remote: it needs \"remote:name\" as `source`.",
        ),
        (
            "vm",
            config.vm.is_true() && kind == Kind::File,
            "A file says itself whether it is a virtual machine image. Leave `vm` out: it selects among the images of a remote.",
        ),
        (
            "vm",
            config.vm.is_true() && kind == Kind::Web,
            "A file on the web says itself whether it is a virtual machine image. Leave `vm` out: it selects among the images of a \
             remote.",
        ),
        (
            "vm",
            config.vm.is_true() && kind == Kind::Instance,
            "The image is for what the instance is. Leave `vm` out: it selects among the images of a remote.",
        ),
    ]
}

/// The arguments that ask for newer versions where there are none.
fn newer_versions(config: &ImageModel, kind: Kind) -> [Refusal; 10] {
    let (refreshes, updates) = (config.refresh.is_true(), config.auto_update.is_true());
    let is_pinned = !config.fingerprint.is_null();
    let pinned = "An image that is pinned by `fingerprint` has no newer version. Take out one of the two.";
    [
        ("refresh", refreshes && kind == Kind::File, "A file is looked at in any case. Take `refresh` out."),
        (
            "refresh",
            refreshes && kind == Kind::Web,
            "A file on the web is fetched once. Give another `fingerprint`, or change `triggers`, to fetch it again.",
        ),
        (
            "refresh",
            refreshes && kind == Kind::Instance,
            "An instance changes all the time. Change `triggers` to publish it again.",
        ),
        ("refresh", refreshes && is_pinned, pinned),
        (
            "refresh",
            refreshes && updates,
            "With `auto_update` the server brings in newer versions itself. Take out one of the two.",
        ),
        (
            "auto_update",
            updates && kind == Kind::File,
            "The server can't look for newer versions of a file. Take `auto_update` out.",
        ),
        (
            "auto_update",
            updates && kind == Kind::Web,
            "The server can't look for newer versions of a file on the web. Take `auto_update` out.",
        ),
        (
            "auto_update",
            updates && kind == Kind::Instance,
            "The server can't look for newer versions of an instance. Take `auto_update` out.",
        ),
        ("auto_update", updates && is_pinned, pinned),
        (
            "auto_update",
            updates && is_not_pulled(config),
            "The server can only follow what it has pulled. Take out `auto_update` or `mode`.",
        ),
    ]
}

fn is_not_pulled(config: &ImageModel) -> bool {
    config.mode.known().is_some_and(|mode| mode != "pull")
}

#[cfg(test)]
mod tests;
