//! Import ids: how a user names an image that is there already. The same in attributes is its identity.

use std::fmt;

use crate::incus::{Alias, Fingerprint, FingerprintPrefix, InvalidAlias, InvalidFingerprint, InvalidProject, Project};

/// `[remote:][project/]<fingerprint or the beginning of one>` or `[remote:][project/]alias=<alias>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportId {
    /// The remote; the provider's default where absent.
    pub(super) remote: Option<String>,
    /// The project; the default of remote and provider where absent.
    pub(super) project: Option<Project>,
    /// Which image of the project.
    pub(super) image: Named,
    /// Which of the image's names is to be the primary one; the first of them where absent.
    pub(super) primary: Option<Alias>,
}

/// What an import id names its image by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A fingerprint, or enough of it.
    Fingerprint(FingerprintPrefix),
    /// A name.
    Alias(Alias),
}

/// Why a text is no import id.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidImportId {
    /// The alias is none.
    #[error(transparent)]
    Alias(#[from] InvalidAlias),
    /// The project is none.
    #[error(transparent)]
    Project(#[from] InvalidProject),
    /// What should be a fingerprint is none.
    #[error(transparent)]
    Fingerprint(#[from] InvalidFingerprint),
    /// There is no word about which image of the project is meant.
    #[error("a fingerprint or an alias is missing")]
    Nothing,
}

impl ImportId {
    pub(super) fn parse(text: &str) -> Result<ImportId, InvalidImportId> {
        // An alias may hold any of `:`, `/` and `=`, so it is cut off first.
        let (place, image) = match alias_start(text) {
            Some((place, alias)) => (place, Named::Alias(Alias::parse(alias)?)),
            None => {
                let start = text.rfind([':', '/']).map_or(0, |separator| separator + 1);
                let (place, fingerprint) = text.split_at(start);
                (place, Named::Fingerprint(FingerprintPrefix::parse(fingerprint)?))
            }
        };
        let (remote, project) = match place.split_once(':') {
            Some((remote, project)) => (Some(remote.to_owned()), project),
            None => (None, place),
        };
        let project = project.strip_suffix('/').unwrap_or(project);
        let project = if project.is_empty() { None } else { Some(Project::parse(project)?) };
        let primary = match &image {
            Named::Alias(alias) => Some(alias.clone()),
            Named::Fingerprint(_) => None,
        };
        Ok(ImportId { remote, project, image, primary })
    }
}

/// What stands before the first `alias=` that begins a part of the id, and what after it.
fn alias_start(text: &str) -> Option<(&str, &str)> {
    let begins_part =
        |position: usize| position == 0 || text.get(..position).is_some_and(|place| place.ends_with([':', '/']));
    let (position, key) = text.match_indices("alias=").find(|(position, _)| begins_part(*position))?;
    Some((text.get(..position)?, text.get(position + key.len()..)?))
}

/// The id under which a managed image is known.
pub(super) fn id(remote: &str, project: &str, fingerprint: &Fingerprint) -> String {
    format!("{remote}:{project}/{fingerprint}")
}

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Named::Fingerprint(prefix) => write!(formatter, "fingerprint {}", prefix.as_str()),
            Named::Alias(alias) => write!(formatter, "alias {alias}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, Option<String>, String) {
        let id = ImportId::parse(text).unwrap();
        (id.remote, id.project.map(|project| project.to_string()), id.image.to_string())
    }

    fn expected(remote: &str, project: &str, image: &str) -> (Option<String>, Option<String>, String) {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        (named(remote), named(project), image.to_owned())
    }

    #[test]
    fn fingerprints_with_and_without_a_place() {
        let prefix = "0123456789ab";
        let image = format!("fingerprint {prefix}");
        assert_eq!(parsed(prefix), expected("", "", &image));
        assert_eq!(parsed(&format!("b:{prefix}")), expected("b", "", &image));
        assert_eq!(parsed(&format!("p/{prefix}")), expected("", "p", &image));
        assert_eq!(parsed(&format!("b:p/{prefix}")), expected("b", "p", &image));
    }

    #[test]
    fn aliases_may_look_like_anything() {
        assert_eq!(parsed("alias=alpine/edge"), expected("", "", "alias alpine/edge"));
        assert_eq!(parsed("b:p/alias=a:b/c=d"), expected("b", "p", "alias a:b/c=d"));
        assert_eq!(parsed("p/alias=alias=x"), expected("", "p", "alias alias=x"));
        assert_eq!(parsed("b:alias=0123456789ab"), expected("b", "", "alias 0123456789ab"));
    }

    #[test]
    fn what_names_no_image_is_refused() {
        for text in ["", "alpine", "0123456789a", "b:p/", "alias=", "a b/0123456789ab", "b:0123456789aG"] {
            assert!(ImportId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_id_of_a_managed_image_is_an_import_id() {
        let fingerprint = Fingerprint::parse(&"ab".repeat(32)).unwrap();
        let image = format!("fingerprint {fingerprint}");
        assert_eq!(parsed(&id("local", "default", &fingerprint)), expected("local", "default", &image));
    }
}
