//! Which one of the images that match is meant, and what is said where it is none or several. Pure.

use std::collections::BTreeSet;

use super::filter::Filter;
use super::found::FoundImage;
use super::listing::Listing;
use crate::incus::nearest;
use crate::incus::simplestreams::Catalog;
use crate::provider::image::truth::instant;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// At most this many candidates are told.
const MOST: usize = 10;

/// Whether it takes the architectures of a server to choose among `images`: an image server has one name for all of them.
pub(super) fn depends_on_architecture(images: &[FoundImage<'_>]) -> bool {
    let least = images.iter().map(|image| image.image_type).min();
    let of_type = images.iter().filter(|image| Some(image.image_type) == least);
    of_type.map(|image| image.architecture).collect::<BTreeSet<_>>().len() > 1
}

/// Those that Incus would take of the images of an image server, on a server with the architectures `native`.
pub(super) fn preferred<'a>(mut images: Vec<FoundImage<'a>>, native: &[String]) -> Vec<FoundImage<'a>> {
    let preference = |image: &FoundImage<'_>| Catalog::preference(image.image_type, image.architecture, native);
    if let Some(best) = images.iter().map(preference).min() {
        images.retain(|image| preference(image) == best);
    }
    images
}

/// The only one of `matching`.
///
/// # Errors
/// None or several, with what the user may have meant.
pub(super) fn only<'a>(
    matching: &[FoundImage<'a>],
    filter: &Filter,
    listing: &Listing,
) -> Result<FoundImage<'a>, Diagnostic> {
    match matching {
        [one] => Ok(one.clone()),
        [] => Err(none(filter, listing)),
        several => Err(ambiguous(several, listing)),
    }
}

fn none(filter: &Filter, listing: &Listing) -> Diagnostic {
    let images = listing.images();
    let (what, path, similar) = match (filter.alias(), filter.fingerprint()) {
        (Some(alias), _) => {
            let others = images.into_iter().filter(|image| image.aliases.iter().any(|it| it.name == alias));
            let others: Vec<_> = others.collect();
            if !others.is_empty() {
                let detail = format!(
                    "Other arguments do not match what has the alias {alias} {listing}:\n{}",
                    candidates(&others, listing)
                );
                return Diagnostic::error("No image matches", detail).at(Path::attribute("alias"));
            }
            (format!("No image with alias {alias}"), Path::attribute("alias"), listing.nearest(alias))
        }
        (None, Some(prefix)) => {
            let digits = prefix.as_str();
            let beginnings = images.iter().filter_map(|image| image.fingerprint.as_str().get(..digits.len()));
            let similar = nearest(digits, beginnings.collect::<BTreeSet<_>>());
            (format!("No image with fingerprint {digits}"), Path::attribute("fingerprint"), similar)
        }
        (None, None) => ("No image matches".to_owned(), Path::root(), Vec::new()),
    };
    let advice = match similar.as_slice() {
        [] => format!("`incus image list {}:` shows those that there are.", listing.remote),
        similar => format!("Most like it are:\n{}", similar.join("\n")),
    };
    Diagnostic::error(what, format!("There is none {listing}. {advice}")).at(path)
}

fn ambiguous(several: &[FoundImage<'_>], listing: &Listing) -> Diagnostic {
    let detail = format!(
        "Each of these {listing} matches:\n{}\nNarrow them down by a further argument, or set most_recent = true for the first of \
         them.",
        candidates(several, listing)
    );
    Diagnostic::error(format!("{} images match", several.len()), detail)
}

/// The error where images for several architectures match, and `why` no server says which is meant.
pub(super) fn undecided(several: &[FoundImage<'_>], listing: &Listing, why: &str) -> Diagnostic {
    let detail =
        format!("{why} Set `architecture`. Each of these {listing} matches:\n{}", candidates(several, listing));
    Diagnostic::error("The architecture decides which image is meant", detail).at(Path::attribute("architecture"))
}

/// The images, each on a line of its own, as far as there is room.
fn candidates(images: &[FoundImage<'_>], listing: &Listing) -> String {
    let mut lines: Vec<_> = images.iter().take(MOST).map(|image| line(image, listing)).collect();
    match images.len().saturating_sub(MOST) {
        0 => {}
        more => lines.push(format!("and {more} more")),
    }
    lines.join("\n")
}

fn line(image: &FoundImage<'_>, listing: &Listing) -> String {
    let mut words = vec![image.fingerprint.short().to_owned()];
    words.extend(image.aliases.first().map(|alias| format!("{:?}", alias.name)));
    words.push(format!("{} for {}", image.image_type, image.architecture));
    words.extend(instant(image.created_at).known().map(|created| format!("of {created}")));
    if listing.project.is_null() {
        words.extend(image.project().map(|project| format!("in project {project}")));
    }
    words.join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
