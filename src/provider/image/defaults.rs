//! What arguments are that the configuration leaves out. Not those whose default only the server or the image knows.

use super::model::ImageModel;
use crate::tfplugin::attr::Attr;

/// The image with the defaults of the arguments that it does not say.
pub(super) fn filled_in(image: ImageModel) -> ImageModel {
    let off = || Attr::Known(false);
    ImageModel {
        alias_conflict: image.alias_conflict.or_else(|| "error".into()),
        vm: image.vm.or_else(off),
        mode: image.mode.or_else(|| "pull".into()),
        copy_aliases: image.copy_aliases.or_else(off),
        refresh: image.refresh.or_else(off),
        adopt_existing: image.adopt_existing.or_else(off),
        ..image
    }
}
