//! Changing an image that is there: one write, guarded against changes by others in between.

use crate::incus::{Error, Fingerprint, Image, ImageFields, is_oci};
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// How often a write is tried when others change the image at the same time.
const TRIES: u32 = 5;

/// Gives the image the fields that `change` makes of its present ones, and says how it is then: as it was read, with what the server
/// has taken. Nothing is sent where that makes no difference.
pub(super) async fn write(
    target: &Target,
    fingerprint: &Fingerprint,
    change: impl Fn(ImageFields) -> ImageFields,
) -> Result<Image, Diagnostic> {
    let mut tries = 1;
    loop {
        let image = existing(target, fingerprint).await?;
        let fields = change(image.fields());
        if fields == image.fields() {
            return Ok(image);
        }
        if is_oci(&image.properties) && !is_oci(&fields.properties) {
            return Err(no_type(fingerprint));
        }
        match target.client.update_image(&target.project, &image, &fields).await {
            Err(Error::Changed { .. }) if tries < TRIES => tries += 1,
            Ok(()) => return Ok(image.with(fields)),
            Err(error) => return Err(diagnose(&error)),
        }
    }
}

fn no_type(fingerprint: &Fingerprint) -> Diagnostic {
    let detail = format!(
        "Image {fingerprint} is of a container registry, which Incus tells by its property type = \"oci\" alone. Add that to `properties`, \
         which leaves only what it lists, or use `extra_properties` in its place."
    );
    Diagnostic::error("An OCI image needs its property \"type\"", detail).at(Path::attribute("properties"))
}

/// The image, which must be there.
pub(super) async fn existing(target: &Target, fingerprint: &Fingerprint) -> Result<Image, Diagnostic> {
    let image = target.client.image(&target.project, fingerprint).await?;
    image.ok_or_else(|| {
        let detail = format!("Image {fingerprint} is not on {} any more. Plan again.", target.client.address());
        Diagnostic::error("The image is gone", detail)
    })
}
