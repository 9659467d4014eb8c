//! What core proposes to a provider: the configuration, with the prior value where the provider decides.

use terraform_provider_incus::tfplugin::value::Value;

use super::schema::Block;

/// The proposed new state of an object; `prior` and `config` may be null.
pub(crate) fn proposed_new(block: &Block, prior: &Value, config: &Value) -> Value {
    let Value::Map(config) = config else { return prior.clone() };
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let proposed = match config[name] {
            Value::Null if attribute.computed => member(prior, name),
            ref configured => configured.clone(),
        };
        (name.clone(), proposed)
    });
    let blocks = block.blocks.iter().map(|(name, nested)| {
        let proposed = match &config[name] {
            // Blocks of a list are told apart by their position.
            Value::List(configured) => Value::List(
                (0..)
                    .zip(configured)
                    .map(|(index, configured)| proposed_new(nested, &nth(&member(prior, name), index), configured))
                    .collect(),
            ),
            other => other.clone(),
        };
        (name.clone(), proposed)
    });
    Value::Map(attributes.chain(blocks).collect())
}

/// The attribute or block of an object; null where there is none.
pub(crate) fn member(object: &Value, name: &str) -> Value {
    match object {
        Value::Map(members) => members.get(name).cloned().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// The element of a list; null where there is none.
pub(crate) fn nth(list: &Value, index: usize) -> Value {
    match list {
        Value::List(elements) => elements.get(index).cloned().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}
