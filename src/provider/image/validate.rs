//! What a configuration must be, whatever the server holds. Unknown values are checked when they are known.

mod sources;

use std::collections::BTreeMap;

use super::model::ImageModel;
use super::source::is_given;
use super::timeouts;
use crate::incus::{Alias, Expiry, Fingerprint, Project};
use crate::provider::diagnostics::refuse;
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::path::Path;

/// Tells all that is wrong with `config`.
pub(super) fn validate(config: &ImageModel, diagnostics: &mut Diagnostics) {
    names(config, diagnostics);
    descriptions(config, diagnostics);
    texts(config, diagnostics);
    properties("properties", &config.properties, diagnostics);
    properties("extra_properties", &config.extra_properties, diagnostics);
    if !config.properties.is_null() && !config.extra_properties.is_null() {
        let why = "`properties` says all that there is to be; `extra_properties` adds to the image's own. Take out one of the two.";
        refuse(diagnostics, Path::attribute("extra_properties"), why);
    }
    timeouts::validate(config.timeouts.as_ref(), diagnostics);
    profiles(config, diagnostics);
    sources::validate(config, diagnostics);
}

fn names(config: &ImageModel, diagnostics: &mut Diagnostics) {
    if config.alias.is_null() && config.fingerprint.is_null() && !is_given(config) {
        refuse(diagnostics, Path::root(), "One of `alias`, `fingerprint` and `source` must say which image is meant.");
    }
    // No path leads into a set.
    let more = config.aliases.known().into_iter().flat_map(Set::iter);
    let named = more.map(|alias| ("aliases", alias)).chain([("alias", &config.alias)]);
    for (argument, name) in named {
        match name {
            Attr::Known(name) => {
                if let Err(error) = Alias::parse(name) {
                    refuse(diagnostics, Path::attribute(argument), format_args!("{error}."));
                }
            }
            Attr::Null if argument == "aliases" => {
                refuse(diagnostics, Path::attribute(argument), "An alias can't be null. Take it out of the set.");
            }
            Attr::Null | Attr::Unknown => {}
        }
    }
}

/// Only managed names can be described.
fn descriptions(config: &ImageModel, diagnostics: &mut Diagnostics) {
    let Some(aliases) = config.aliases.known().cloned().or_else(|| config.aliases.is_null().then(Set::default)) else {
        return;
    };
    if config.alias.is_unknown() || aliases.iter().any(Attr::is_unknown) {
        return;
    }
    for (name, description) in config.alias_descriptions.known().into_iter().flatten() {
        let path = Path::attribute("alias_descriptions").key(name);
        let is_named = |alias: &Attr<String>| alias.known() == Some(name);
        if !is_named(&config.alias) && !aliases.iter().any(is_named) {
            refuse(
                diagnostics,
                path,
                format_args!("{name:?} is neither `alias` nor in `aliases`: only managed names can be described."),
            );
        } else if description.is_null() {
            refuse(diagnostics, path, "A description can't be null. Take the name out, or give an empty text.");
        }
    }
}

/// Tells what is wrong with the argument `fingerprint`.
pub(in crate::provider) fn fingerprint(digits: &Attr<String>, diagnostics: &mut Diagnostics) {
    if let Some(Err(error)) = digits.known().map(|digits| Fingerprint::parse(digits)) {
        let why = format_args!("{error}. `incus image info` shows the whole fingerprint.");
        refuse(diagnostics, Path::attribute("fingerprint"), why);
    }
}

/// Tells what is wrong with the argument `project`.
pub(in crate::provider) fn project(name: &Attr<String>, diagnostics: &mut Diagnostics) {
    if let Some(Err(error)) = name.known().map(|name| Project::parse(name)) {
        refuse(diagnostics, Path::attribute("project"), format_args!("{error}."));
    }
}

fn texts(config: &ImageModel, diagnostics: &mut Diagnostics) {
    fingerprint(&config.fingerprint, diagnostics);
    if let Some(conflict) = config.alias_conflict.known().filter(|text| !matches!(text.as_str(), "error" | "take_over"))
    {
        let why = format_args!("{conflict:?} is neither \"error\" nor \"take_over\".");
        refuse(diagnostics, Path::attribute("alias_conflict"), why);
    }
    if config.adopt_existing.is_true() && !is_given(config) {
        let why =
            "Without `source`, the image that is there is always the one that is meant. Take `adopt_existing` out.";
        refuse(diagnostics, Path::attribute("adopt_existing"), why);
    }
    project(&config.project, diagnostics);
    if let Some(Err(error)) = config.expires_at.known().map(|text| Expiry::parse(text)) {
        refuse(diagnostics, Path::attribute("expires_at"), format_args!("{error}."));
    }
}

fn properties(argument: &str, properties: &Attr<BTreeMap<String, Attr<String>>>, diagnostics: &mut Diagnostics) {
    for (key, value) in properties.known().into_iter().flatten() {
        let path = Path::attribute(argument).key(key);
        match value {
            _ if key.is_empty() => refuse(diagnostics, Path::attribute(argument), "A property needs a name."),
            Attr::Known(value) if value.is_empty() => {
                let why = "Incus can't store an empty property. Leave it out: what is not listed is not there.";
                refuse(diagnostics, path, why);
            }
            Attr::Null => {
                refuse(diagnostics, path, "A property can't be null. Leave it out: what is not listed is not there.");
            }
            Attr::Known(_) | Attr::Unknown => {}
        }
    }
}

fn profiles(config: &ImageModel, diagnostics: &mut Diagnostics) {
    let nameless = |profile: &Attr<String>| profile.is_null() || profile.known().is_some_and(String::is_empty);
    if config.profiles.known().into_iter().flat_map(Set::iter).any(nameless) {
        refuse(diagnostics, Path::attribute("profiles"), "A profile needs a name. `profiles = []` means none.");
    }
}

#[cfg(test)]
mod tests;
