//! What a configuration must be, whatever the server holds. Unknown values are checked when they are known.

use crate::incus::{Alias, Expiry, Fingerprint, Project};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

use super::model::ImageModel;
use super::source::SourceArgument;

pub(super) fn validate(config: &ImageModel, diagnostics: &mut Diagnostics) {
    diagnostics.extend(refusals(config));
}

fn refusals(config: &ImageModel) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    let mut refuse = |path: Path, detail: String| refused.push(Diagnostic::error("Invalid argument", detail).at(path));

    if config.alias.is_null() && config.fingerprint.is_null() && config.source.is_null() {
        refuse(Path::root(), "One of `alias`, `fingerprint` and `source` must say which image is meant.".to_owned());
    }
    let source = config.source.known().map(|source| SourceArgument::parse(source, None));
    if let Some(Err(error)) = &source {
        refuse(Path::attribute("source"), error.to_string());
    }
    let is_file = matches!(source, Some(Ok(SourceArgument::File(_))));
    let is_remote = matches!(source, Some(Ok(SourceArgument::Remote { .. })));

    for (path, name) in names(config) {
        match name {
            Attr::Known(name) => {
                if let Err(error) = Alias::parse(name) {
                    refuse(path, format!("{error}."));
                }
            }
            Attr::Null => refuse(path, "An alias can't be null. Take it out of the set.".to_owned()),
            Attr::Unknown => {}
        }
    }
    if let Some(Err(error)) = config.fingerprint.known().map(|digits| Fingerprint::parse(digits)) {
        refuse(Path::attribute("fingerprint"), format!("{error}. `incus image info` shows the whole fingerprint."));
    }
    if let Some(Err(error)) = config.project.known().map(|project| Project::parse(project)) {
        refuse(Path::attribute("project"), format!("{error}."));
    }
    if let Some(Err(error)) = config.expires_at.known().map(|text| Expiry::parse(text)) {
        refuse(Path::attribute("expires_at"), format!("{error}."));
    }
    for (key, value) in config.properties.known().into_iter().flatten() {
        let path = Path::attribute("properties").key(key);
        match value {
            Attr::Known(value) if value.is_empty() => refuse(
                path,
                format!("Incus can't store an empty property. Leave {key:?} out: what is not listed is not there."),
            ),
            Attr::Null => refuse(
                path,
                format!("The property {key:?} can't be null. Leave it out: what is not listed is not there."),
            ),
            Attr::Known(_) if key.is_empty() => {
                refuse(Path::attribute("properties"), "A property needs a name.".to_owned())
            }
            Attr::Known(_) | Attr::Unknown => {}
        }
    }
    for profile in config.profiles.known().into_iter().flat_map(|profiles| profiles.iter()) {
        if profile.is_null() || profile.known().is_some_and(String::is_empty) {
            refuse(Path::attribute("profiles"), "A profile needs a name. `profiles = []` means none.".to_owned());
        }
    }
    if !config.rootfs.is_null() && (config.source.is_null() || is_remote) {
        refuse(
            Path::attribute("rootfs"),
            "`rootfs` is the second half of a split image: it needs a file as `source`, the metadata half.".to_owned(),
        );
    }
    if config.vm == Attr::Known(true) && is_file {
        refuse(
            Path::attribute("vm"),
            "A file says itself whether it is a virtual machine image. Leave `vm` out; it selects among the images of a remote."
                .to_owned(),
        );
    }
    if config.auto_update == Attr::Known(true) {
        if is_file {
            refuse(
                Path::attribute("auto_update"),
                "The server can't look for newer versions of a file. Take `auto_update` out.".to_owned(),
            );
        }
        if !config.fingerprint.is_null() {
            refuse(
                Path::attribute("auto_update"),
                "An image that is pinned by `fingerprint` has no newer version. Take out one of the two.".to_owned(),
            );
        }
    }
    refused
}

/// Every name in the configuration, and where it stands. No path leads into a set.
fn names(config: &ImageModel) -> impl Iterator<Item = (Path, &Attr<String>)> {
    let primary = Some(&config.alias).filter(|alias| !alias.is_null()).map(|alias| (Path::attribute("alias"), alias));
    let more = config.aliases.known().into_iter().flat_map(|aliases| aliases.iter());
    primary.into_iter().chain(more.map(|alias| (Path::attribute("aliases"), alias)))
}

#[cfg(test)]
mod tests;
