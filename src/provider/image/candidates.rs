//! Which images a user may have meant who names none, or several.

use super::id::Named;
use crate::incus::{Alias, Fingerprint, FingerprintPrefix, Image, nearest};
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::Diagnostic;

/// The error where there is no image of a name; the names most like it are told.
pub(super) async fn none(target: &Target, named: &Named) -> Diagnostic {
    let there = match target.client.images(&target.project).await {
        Ok(there) => there,
        Err(error) => return diagnose(&error),
    };
    let similar: Vec<_> = match named {
        Named::Alias(alias) => nearest(alias.as_str(), there.iter().flat_map(names)),
        Named::Fingerprint(prefix) => {
            let digits = prefix.as_str();
            let beginnings = there.iter().filter_map(|image| image.fingerprint.as_str().get(..digits.len()));
            nearest(digits, beginnings)
        }
    };
    let advice = match similar.as_slice() {
        [] if there.is_empty() => {
            "It shows this client no image: it is empty, or the client is restricted to other projects. `incus config trust list` on \
             the server shows that."
                .to_owned()
        }
        [] => "`incus image list` shows those that there are.".to_owned(),
        similar => format!("Most like it are:\n{}", similar.join("\n")),
    };
    let detail = format!("There is none in {target}. {advice}");
    Diagnostic::error(format!("No image with {named}"), detail)
}

/// The error where a fingerprint begins like those of several images.
pub(super) async fn several(target: &Target, prefix: &FingerprintPrefix, found: &[Fingerprint]) -> Diagnostic {
    // Without an answer it is told without names.
    let there = target.client.images(&target.project).await.unwrap_or_default();
    let describe = |fingerprint: &Fingerprint| {
        let image = there.iter().find(|image| image.fingerprint == *fingerprint);
        match image.map(|image| names(image).collect::<Vec<_>>().join(", ")) {
            Some(names) if !names.is_empty() => format!("{fingerprint} ({names})"),
            _ => fingerprint.to_string(),
        }
    };
    let listed: Vec<_> = found.iter().map(describe).collect();
    let detail = format!("These begin so:\n{}\nGive more digits.", listed.join("\n"));
    Diagnostic::error(format!("Several images have the fingerprint {}…", prefix.as_str()), detail)
}

/// The error where an image lacks the name that was to be its primary one.
pub(super) fn other_name(target: &Target, image: &Image, asked: &Alias) -> Diagnostic {
    let has = match names(image).collect::<Vec<_>>().as_slice() {
        [] => "It has no names: leave `alias` out.".to_owned(),
        names => format!("Its names are:\n{}", names.join("\n")),
    };
    let detail = format!("Image {} in {target} is not named so. {has}", image.fingerprint);
    Diagnostic::error(format!("The image does not have the alias {asked}"), detail)
}

fn names(image: &Image) -> impl Iterator<Item = &str> {
    image.names().map(Alias::as_str)
}
