//! Taking an image under management that is on the server already. On failure it is as it was, and nobody's.

use std::collections::BTreeMap;

use super::ImageResource;
use super::fields;
use super::incoming::unmarked;
use super::model::ImageModel;
use super::notes::Notes;
use super::truth::state;
use super::update::change;
use super::wanted::Wanted;
use crate::incus::{Alias, Error, Fingerprint, Image, ImageAlias};
use crate::provider::connections::{Connections, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;
use crate::tfplugin::resource::Slot;
use crate::tfplugin::saved::Stored;

/// Takes the image that the plan names by fingerprint or alias, and says no source for.
pub(super) async fn named(
    connections: &Connections,
    target: &Target,
    planned: &ImageModel,
    notes: Notes,
    slot: &Slot<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let fingerprint = meant(target, planned).await??;
    image(connections, target, &fingerprint, planned, notes, slot, context).await
}

/// The image that the plan means, or the error that there is none.
pub(super) async fn meant(target: &Target, planned: &ImageModel) -> Result<Result<Fingerprint, Diagnostic>, Error> {
    let Target { client, project, .. } = target;
    if let Some(Ok(fingerprint)) = planned.fingerprint.known().map(|digits| Fingerprint::parse(digits)) {
        return Ok(match client.image(project, &fingerprint).await? {
            Some(image) => Ok(image.fingerprint),
            None => Err(no_such_image(target, &fingerprint)),
        });
    }
    let alias = planned.alias.known().map_or("", String::as_str);
    let entry = match Alias::parse(alias) {
        Ok(alias) => client.alias(project, &alias).await?,
        Err(_) => None,
    };
    Ok(entry.map(|entry| entry.target).ok_or_else(|| {
        let detail = format!(
            "No image in {target} has the alias {alias:?}, and without `source` nothing says where it comes from. Add `source`, or \
             correct `alias`."
        );
        Diagnostic::error("No such image", detail).at(Path::attribute("alias"))
    }))
}

fn no_such_image(target: &Target, fingerprint: &Fingerprint) -> Diagnostic {
    let detail = format!("There is no image {fingerprint} in {target}. Add `source` to bring it there.");
    Diagnostic::error("No such image", detail).at(Path::attribute("fingerprint"))
}

/// Takes the image `fingerprint`, and gives it what is planned.
pub(super) async fn image(
    connections: &Connections,
    target: &Target,
    fingerprint: &Fingerprint,
    planned: &ImageModel,
    notes: Notes,
    slot: &Slot<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Target { client, project, .. } = target;
    let found = client.image(project, fingerprint).await?;
    let Some(before) = found else { return Err(no_such_image(target, fingerprint).into()) };
    let originals = match change(target, &before, &ImageModel::default(), planned, &notes, context).await {
        Ok(originals) => originals,
        Err(mut failures) => {
            failures.extend(fields::write(target, fingerprint, |_| before.fields()).await.err());
            return Err(failures);
        }
    };
    connections.adopted.note(target, fingerprint);
    let image = match client.image(project, fingerprint).await {
        Ok(Some(image)) => image,
        Ok(None) => return Err(no_such_image(target, fingerprint).into()),
        // Nobody would know of what was done to it, and a failed create would be replaced.
        Err(error) => {
            context.warn(unread(&error));
            as_told(before, planned, &notes)?
        }
    };
    slot.set(Stored { state: state(&image, planned), private: Notes { originals, ..notes } });
    Ok(())
}

fn unread(error: &Error) -> Diagnostic {
    let failure = diagnose(error);
    let detail = format!(
        "{} The server has confirmed every change, and the image is under management. The next plan looks at it again.",
        failure.detail
    );
    Diagnostic { detail, ..failure }
}

/// The image as the server was told to make it.
fn as_told(before: Image, planned: &ImageModel, notes: &Notes) -> Result<Image, Diagnostic> {
    let wanted = Wanted::from_plan(planned)?;
    let fields = unmarked(wanted.fields(before.fields(), &notes.originals));
    let mut described: BTreeMap<_, _> = wanted.names.iter().map(|name| (name.clone(), String::new())).collect();
    described.extend(before.aliases.iter().map(|alias| (alias.name.clone(), alias.description.clone())));
    described.extend(wanted.descriptions);
    let aliases = described.into_iter().map(|(name, description)| ImageAlias { name, description }).collect();
    Ok(Image { aliases, ..before.with(fields) })
}
