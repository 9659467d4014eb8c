//! The rules of identities: what tells an object from all others, in attributes of their own.

use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::answered::{decoded, wholly_known};
use crate::support::core::breach::{Breach, member};
use crate::support::core::schema::{Block, parse_type};

/// Reads an identity; none at all is null. A type without an identity schema has none: core crashes on one.
pub(crate) fn identity(
    block: Option<&Block>,
    identity: Option<&proto::ResourceIdentityData>,
) -> Result<Value, Vec<Breach>> {
    let Some(identity) = identity else { return Ok(Value::Null) };
    let Some(block) = block else {
        let rule = "a type without an identity schema has no identity";
        return Err(vec![Breach::of_all(rule, format!("{identity:?}"))]);
    };
    let value = decoded(block, identity.identity_data.as_ref())?;
    let unknown = wholly_known(&value);
    if unknown.is_empty() { Ok(value) } else { Err(unknown) }
}

/// What exists has an identity, if objects of its type have any; what does not has none.
pub(crate) fn identified(block: Option<&Block>, object: &Value, identity: &Value) -> Option<Breach> {
    match (block, object, identity) {
        (Some(_), Value::Null, Value::Null) | (None, _, _) => None,
        (Some(_), Value::Null, _) => Some(Breach::of_all("what is gone has no identity", "it has one")),
        (Some(_), _, Value::Null) => Some(Breach::of_all("what exists has an identity", "it has none")),
        (Some(_), _, _) => None,
    }
}

/// An update keeps the identity as far as it is planned: what becomes of it is known after the apply. What is created, also in
/// place of something else, has none before.
pub(crate) fn planned_identity(prior: &Value, is_update: bool, planned: &Value) -> Option<Breach> {
    let expected = if is_update { prior } else { &Value::Null };
    (planned != expected).then(|| {
        let rule = "a planned identity is the prior one, or none";
        Breach::of_all(rule, format!("{planned:?} is planned, where the prior one is {prior:?}"))
    })
}

/// Everything that is wrong with an identity schema.
pub(crate) fn identity_schema(schema: &proto::ResourceIdentitySchema) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if schema.identity_attributes.is_empty() {
        breaches.push(Breach::of_all("an identity has attributes", "there is none"));
    }
    for attribute in &schema.identity_attributes {
        let path = member(&Path::root(), &attribute.name);
        let mut breach = |rule, detail: String| breaches.push(Breach::new(rule, &path, detail));
        if attribute.required_for_import == attribute.optional_for_import {
            breach("an attribute is either required or optional for an import", format!("{attribute:?}"));
        }
        if let Err(error) = parse_type(&attribute.r#type) {
            breach("a type is one that core reads", error);
        }
        if attribute.description.trim().is_empty() {
            breach("an attribute has a description", "it is empty".to_owned());
        }
    }
    breaches
}
