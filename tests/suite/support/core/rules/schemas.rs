//! The rules of a schema: core refuses, or crashes on, a provider whose schema breaks them. A description is the house's own rule.

use std::collections::BTreeSet;

use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::schema::nested_block::NestingMode;

use crate::support::core::breach::{Breach, member};
use crate::support::core::schema::parse_type;

/// Names in a resource or a data source that mean something to core itself.
pub(crate) const RESERVED_IN_RESOURCES: &[&str] =
    &["connection", "count", "depends_on", "for_each", "lifecycle", "locals", "provider", "provisioner"];

/// Names in a provider block that mean something to core itself.
pub(crate) const RESERVED_IN_PROVIDERS: &[&str] =
    &["alias", "count", "depends_on", "for_each", "lifecycle", "locals", "source", "version"];

/// Everything that is wrong with a schema.
pub(crate) fn schema(schema: Option<&proto::Schema>, reserved: &[&str]) -> Vec<Breach> {
    let Some(top) = schema.and_then(|schema| schema.block.as_ref()) else {
        return vec![Breach::of_all("a schema has a block", "there is none")];
    };
    let mut breaches = Vec::new();
    let attributes = top.attributes.iter().map(|attribute| &attribute.name);
    for name in attributes.chain(top.block_types.iter().map(|nested| &nested.type_name)) {
        if reserved.contains(&name.as_str()) {
            breaches.push(Breach::new("a name is not reserved", &Path::attribute(name), "it is"));
        }
    }
    content(top, &Path::root(), &mut breaches);
    breaches
}

fn content(block: &proto::schema::Block, path: &Path, breaches: &mut Vec<Breach>) {
    let mut names = BTreeSet::new();
    let mut name = |name: &str, path: &Path, breaches: &mut Vec<Breach>| {
        if name.is_empty() || !name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
            breaches.push(Breach::new("a name has only a-z, 0-9 and _", path, "it has others"));
        }
        if !names.insert(name.to_owned()) {
            breaches.push(Breach::new("a name occurs once", path, "it occurs again"));
        }
    };
    for attribute in &block.attributes {
        let path = member(path, &attribute.name);
        name(&attribute.name, &path, breaches);
        attribute_flags(attribute, &path, breaches);
    }
    for nested in &block.block_types {
        let path = member(path, &nested.type_name);
        name(&nested.type_name, &path, breaches);
        match (nested.nesting(), nested.min_items, nested.max_items) {
            (NestingMode::Single, 0 | 1, max) if max == nested.min_items => {}
            (NestingMode::Group | NestingMode::Map, 0, 0) => {}
            (NestingMode::List | NestingMode::Set, min @ 0.., max) if min <= max || max == 0 => {}
            found => breaches.push(Breach::new("a block nests in a way that core knows", &path, format!("{found:?}"))),
        }
        match &nested.block {
            Some(block) => content(block, &path, breaches),
            None => breaches.push(Breach::new("a nested block has a block", &path, "there is none")),
        }
    }
}

fn attribute_flags(attribute: &proto::schema::Attribute, path: &Path, breaches: &mut Vec<Breach>) {
    let mut breach = |rule, detail: String| breaches.push(Breach::new(rule, path, detail));
    if !matches!(
        (attribute.required, attribute.optional, attribute.computed),
        (true, false, false) | (false, true, _) | (false, false, true)
    ) {
        breach("an attribute is required, optional, computed, or both of the last", format!("{attribute:?}"));
    }
    if let Err(error) = parse_type(&attribute.r#type) {
        breach("a type is one that core reads", error);
    }
    if !attribute.deprecation_message.is_empty() && !attribute.deprecated {
        breach("only what is deprecated says why", attribute.deprecation_message.clone());
    }
    if attribute.description.trim().is_empty() {
        breach("an attribute has a description", "it is empty".to_owned());
    }
}
