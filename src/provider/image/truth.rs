//! From an image on a server to the state that says so.

use std::collections::BTreeSet;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::defaults::filled_in;
use super::id::id;
use super::model::{AliasModel, ImageModel, UpdateSourceModel};
use crate::incus::{Alias, Expiry, Image, ImageAlias, UpdateSource, architecture};
use crate::tfplugin::attr::{Attr, Set};

/// The state of `image`. What the server can't know (the source, what selects an image there) and how equal things are spelled
/// is taken from `kept`; so is which names are managed, as far as the image has them.
pub(super) fn state(image: &Image, kept: &ImageModel) -> ImageModel {
    let names: BTreeSet<&str> = image.names().map(Alias::as_str).collect();
    let has = |name: &String| names.contains(name.as_str());
    let present = |kept: &Attr<Set<String>>| {
        let kept = kept.known()?;
        Some(kept.iter().filter(|name| name.known().is_some_and(has)).cloned().collect::<Set<_>>())
    };
    let place = (kept.remote.known(), kept.project.known());
    ImageModel {
        alias: kept.alias.known().filter(|name| has(name)).cloned().into(),
        aliases: present(&kept.aliases).into(),
        alias_descriptions: match &kept.alias_descriptions {
            Attr::Known(described) => {
                let now = |alias: &ImageAlias| (alias.name.to_string(), alias.description.as_str().into());
                let is_described = |alias: &&ImageAlias| described.contains_key(alias.name.as_str());
                Attr::Known(image.aliases.iter().filter(is_described).map(now).collect())
            }
            Attr::Null | Attr::Unknown => Attr::Null,
        },
        fingerprint: image.fingerprint.as_str().into(),
        architecture: match kept.architecture.known() {
            Some(spelled) if architecture::same(spelled, &image.architecture) => Attr::Known(spelled.clone()),
            _ => Attr::Known(image.architecture.clone()),
        },
        copied_aliases: Attr::Known(present(&kept.copied_aliases).unwrap_or_default()),
        properties: Attr::Known(
            image.properties.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect(),
        ),
        extra_properties: match &kept.extra_properties {
            Attr::Known(extra) => {
                let now = |key: &String| Some((key.clone(), image.properties.get(key)?.as_str().into()));
                Attr::Known(extra.keys().filter_map(now).collect())
            }
            Attr::Null | Attr::Unknown => Attr::Null,
        },
        public: Attr::Known(image.public),
        auto_update: Attr::Known(image.auto_update),
        profiles: Attr::Known(image.profiles.iter().cloned().collect::<Set<_>>()),
        expires_at: match kept.expires_at.known() {
            Some(text) if Expiry::parse(text) == Ok(image.expires_at) => Attr::Known(text.clone()),
            _ => Attr::Known(image.expires_at.to_string()),
        },
        id: match place {
            (Some(remote), Some(project)) => Attr::Known(id(remote, project, &image.fingerprint)),
            _ => Attr::Null,
        },
        all_aliases: Attr::Known(aliases(image)),
        r#type: image.image_type.as_str().into(),
        size: i64::try_from(image.size).ok().into(),
        filename: image.filename.as_str().into(),
        cached: Attr::Known(image.cached),
        created_at: instant(image.created_at),
        uploaded_at: instant(image.uploaded_at),
        update_source: image.update_source.as_ref().map(update_source).into(),
        ..filled_in(kept.clone())
    }
}

/// All names of an image.
pub(crate) fn aliases(image: &Image) -> Vec<AliasModel> {
    let alias = |alias: &ImageAlias| AliasModel {
        name: alias.name.as_str().into(),
        description: alias.description.as_str().into(),
    };
    image.aliases.iter().map(alias).collect()
}

/// Where a server looks for newer versions.
pub(crate) fn update_source(source: &UpdateSource) -> UpdateSourceModel {
    UpdateSourceModel {
        server: source.server.as_str().into(),
        protocol: source.protocol.as_str().into(),
        alias: source.alias.as_str().into(),
    }
}

/// An instant in RFC 3339.
pub(crate) fn instant(instant: OffsetDateTime) -> Attr<String> {
    instant.format(&Rfc3339).ok().into()
}

/// The names that a state manages.
pub(super) fn managed(state: &ImageModel) -> BTreeSet<Alias> {
    let more = [&state.aliases, &state.copied_aliases].into_iter().filter_map(Attr::known).flat_map(Set::iter);
    state
        .alias
        .known()
        .into_iter()
        .chain(more.filter_map(Attr::known))
        .filter_map(|name| Alias::parse(name).ok())
        .collect()
}
