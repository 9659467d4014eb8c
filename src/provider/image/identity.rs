//! The identity of an image: what tells it from all others, in attributes where an import id has them in one text.

use super::id::{ImportId, InvalidImportId, Named};
use super::model::ImageModel;
use crate::incus::{Alias, FingerprintPrefix, Project};
use crate::model;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::schema::Usage::Optional;

model! {
    /// An image on a server. `fingerprint` or `alias` is needed.
    pub(crate) struct ImageIdentity {
        /// The remote whose server holds the image. Default: the provider's `default_remote`.
        remote: String = Optional,
        /// The project that holds the image. Default: the provider's `project`.
        project: String = Optional,
        /// The SHA-256 of the content, or its first 12 digits or more.
        fingerprint: String = Optional,
        /// The primary name. Beside a fingerprint it says which of the image's names is the primary one.
        alias: String = Optional,
    }
}

/// The identity of the image in a state; nothing before all of its place is known.
pub(super) fn identity(state: &ImageModel) -> Option<ImageIdentity> {
    let known = |attribute: &Attr<String>| attribute.known().cloned().map(Attr::Known);
    Some(ImageIdentity {
        remote: known(&state.remote)?,
        project: known(&state.project)?,
        fingerprint: known(&state.fingerprint)?,
        alias: state.alias.known().cloned().into(),
    })
}

impl ImportId {
    /// What an identity says about the image that is meant.
    pub(super) fn from_identity(identity: &ImageIdentity) -> Result<ImportId, InvalidImportId> {
        let alias = identity.alias.known().map(|name| Alias::parse(name)).transpose()?;
        let image = match (identity.fingerprint.known(), &alias) {
            (Some(digits), _) => Named::Fingerprint(FingerprintPrefix::parse(digits)?),
            (None, Some(alias)) => Named::Alias(alias.clone()),
            (None, None) => return Err(InvalidImportId::Nothing),
        };
        Ok(ImportId {
            remote: identity.remote.known().cloned(),
            project: identity.project.known().map(|name| Project::parse(name)).transpose()?,
            image,
            primary: alias,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const FINGERPRINT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn state() -> ImageModel {
        ImageModel {
            remote: "b".into(),
            project: "p".into(),
            fingerprint: FINGERPRINT.into(),
            alias: "alpine".into(),
            ..ImageModel::default()
        }
    }

    #[test]
    fn an_image_is_imported_by_its_identity() {
        let id = ImportId::from_identity(&identity(&state()).unwrap()).unwrap();
        assert_eq!((id.remote.as_deref(), id.project.unwrap().as_str()), (Some("b"), "p"));
        assert_eq!(id.image.to_string(), format!("fingerprint {FINGERPRINT}"));
        assert_eq!(id.primary, Some(Alias::parse("alpine").unwrap()));
    }

    #[test]
    fn a_name_is_enough_and_nothing_is_not() {
        let named = ImageIdentity { alias: "alpine".into(), ..ImageIdentity::default() };
        assert_eq!(ImportId::from_identity(&named).unwrap().image.to_string(), "alias alpine");
        let placed = ImageIdentity { remote: "b".into(), project: "p".into(), ..ImageIdentity::default() };
        assert!(matches!(ImportId::from_identity(&placed), Err(InvalidImportId::Nothing)));
    }

    #[test]
    fn an_identity_is_wholly_known_or_absent() {
        for state in [
            ImageModel { fingerprint: Attr::Unknown, ..state() },
            ImageModel { remote: Attr::Unknown, ..state() },
            ImageModel { project: Attr::Null, ..state() },
        ] {
            assert_eq!(identity(&state), None);
        }
        let nameless = identity(&ImageModel { alias: Attr::Unknown, ..state() }).unwrap();
        assert_eq!(nameless.alias, Attr::Null);
    }
}
