//! Which images a look-up is about. Pure: arguments become a checked filter, and that chooses among images. Servers are never
//! asked to filter: a filter on aliases stops the request in Incus, and image servers can't.

use std::collections::BTreeMap;

use regex_lite::Regex;

use super::found::FoundImage;
use super::model::Arguments;
use crate::incus::{Alias, FingerprintPrefix, ImageType, Project, architecture};
use crate::provider::diagnostics::refuse;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::path::Path;

/// What an image must be. All that is set must match.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    alias: Option<Alias>,
    name: Option<Regex>,
    fingerprint: Option<FingerprintPrefix>,
    image_type: Option<ImageType>,
    architecture: Option<String>,
    public: Option<bool>,
    cached: Option<bool>,
    properties: BTreeMap<String, String>,
    most_recent: bool,
}

impl Filter {
    /// The filter that `arguments` describe.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(crate) fn new(arguments: &Arguments<'_>) -> Result<Filter, Diagnostics> {
        let mut refused = Diagnostics::default();
        let filter = Filter::checked(arguments, &mut refused);
        if refused.has_errors() { Err(refused) } else { Ok(filter) }
    }

    /// Tells all that is wrong with `arguments`. What is unknown passes: it is looked at again when it is known.
    pub(crate) fn validate(arguments: &Arguments<'_>, diagnostics: &mut Diagnostics) {
        Filter::checked(arguments, diagnostics);
    }

    fn checked(arguments: &Arguments<'_>, refused: &mut Diagnostics) -> Filter {
        place(arguments, refused);
        if arguments.most_recent.is_true() && !arguments.select() {
            let why = "`most_recent` takes the newest of those that other filters allow. Set another one, such as `alias` or `name_regex`.";
            refuse(refused, Path::attribute("most_recent"), why);
        }
        let most_recent = arguments.most_recent.is_true();
        Filter {
            alias: parsed("alias", arguments.alias, refused, |text| {
                Alias::parse(text).map_err(|error| format!("{error}."))
            }),
            name: parsed("name_regex", arguments.name_regex, refused, |text| {
                Regex::new(text).map_err(|error| format!("{text:?} is no regular expression: {error}."))
            }),
            fingerprint: parsed("fingerprint", arguments.fingerprint, refused, |text| {
                FingerprintPrefix::parse(text)
                    .map_err(|error| format!("{error}. `incus image list` shows the first 12 digits."))
            }),
            image_type: parsed("type", arguments.image_type, refused, |text| {
                ImageType::parse(text).map_err(|error| format!("{error}."))
            }),
            architecture: parsed("architecture", arguments.architecture, refused, |text| match text {
                "" => Err("An architecture has a name, such as \"x86_64\" or \"arm64\"."),
                text => Ok(text.to_owned()),
            }),
            public: arguments.public.known().copied(),
            cached: arguments.cached.known().copied(),
            properties: properties(arguments, refused),
            most_recent,
        }
    }

    /// The images that match, the newest first; of those only the first where `most_recent` is set.
    pub(crate) fn apply<'a>(&self, images: Vec<FoundImage<'a>>) -> Vec<FoundImage<'a>> {
        self.newest(self.matching(images))
    }

    /// The images that match, the newest first.
    pub(super) fn matching<'a>(&self, mut images: Vec<FoundImage<'a>>) -> Vec<FoundImage<'a>> {
        images.retain(|image| self.matches(image));
        images.sort_by_cached_key(FoundImage::order);
        images
    }

    /// Those of the sorted `images` that are wanted: one if `most_recent` is set, else all.
    pub(super) fn newest<'a>(&self, mut images: Vec<FoundImage<'a>>) -> Vec<FoundImage<'a>> {
        if self.most_recent {
            images.truncate(1);
        }
        images
    }

    /// The name that is looked for.
    pub(super) fn alias(&self) -> Option<&str> {
        self.alias.as_ref().map(Alias::as_str)
    }

    /// The fingerprint that is looked for, as far as it is given.
    pub(super) fn fingerprint(&self) -> Option<&FingerprintPrefix> {
        self.fingerprint.as_ref()
    }

    fn matches(&self, image: &FoundImage<'_>) -> bool {
        let named = |matches: &dyn Fn(&str) -> bool| image.aliases.iter().any(|alias| matches(alias.name));
        let Filter { alias, name, fingerprint, image_type, architecture, public, cached, properties, most_recent: _ } =
            self;
        fingerprint.as_ref().is_none_or(|prefix| prefix.matches(image.fingerprint))
            && image_type.is_none_or(|wanted| wanted == image.image_type)
            && architecture.as_deref().is_none_or(|wanted| architecture::same(wanted, image.architecture))
            && public.is_none_or(|wanted| wanted == image.public)
            && cached.is_none_or(|wanted| image.held().is_some_and(|image| image.cached) == wanted)
            && properties.iter().all(|(key, value)| image.property(key).as_deref() == Some(value))
            && alias.as_ref().is_none_or(|alias| named(&|name| name == alias.as_str()))
            && name.as_ref().is_none_or(|regex| named(&|name| regex.is_match(name)))
    }
}

impl Arguments<'_> {
    /// Whether anything says which images are meant, be it known or not.
    fn select(&self) -> bool {
        let texts = [self.alias, self.name_regex, self.fingerprint, self.image_type, self.architecture];
        texts.into_iter().any(|text| !text.is_null())
            || [self.public, self.cached].into_iter().any(|flag| !flag.is_null())
            || !self.properties.is_null()
    }
}

fn place(arguments: &Arguments<'_>, refused: &mut Diagnostics) {
    parsed("project", arguments.project, refused, |text| Project::parse(text).map_err(|error| format!("{error}.")));
    if arguments.all_projects.is_true() && !arguments.project.is_null() {
        let why = "`project` names the one to look in. Take out one of the two.";
        refuse(refused, Path::attribute("all_projects"), why);
    }
}

fn properties(arguments: &Arguments<'_>, refused: &mut Diagnostics) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    for (key, value) in arguments.properties.known().into_iter().flatten() {
        match value {
            Attr::Known(value) => {
                wanted.insert(key.clone(), value.clone());
            }
            Attr::Null => {
                let why = "A property can't be null. Leave it out: the value of what is not listed does not matter.";
                refuse(refused, Path::attribute("properties").key(key), why);
            }
            Attr::Unknown => {}
        }
    }
    wanted
}

/// What a text means, if it is known and means something.
fn parsed<T, E: std::fmt::Display>(
    argument: &str,
    text: &Attr<String>,
    refused: &mut Diagnostics,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let outcome = parse(text.known()?);
    outcome.map_err(|why| refuse(refused, Path::attribute(argument), why)).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
