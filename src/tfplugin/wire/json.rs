//! Values as JSON: the form of stored state, which has no unknown values.

use serde_json::Value as Json;

use super::error::DecodeError;
use crate::tfplugin::path::Step;
use crate::tfplugin::types::Type;
use crate::tfplugin::value::{Number, Value};

/// Reads a value of type `ty`. An attribute that the text lacks is null; one that the type lacks is passed over, since stored
/// state may come from another release.
///
/// # Errors
/// [`DecodeError`] where `bytes` hold no such value.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    from_json(parse(bytes)?, ty)
}

/// Reads JSON of which the type is not known yet.
///
/// # Errors
/// [`DecodeError`] where it is none.
pub(super) fn parse(bytes: &[u8]) -> Result<Json, DecodeError> {
    serde_json::from_slice(bytes).map_err(DecodeError::Json)
}

/// The value of type `ty` in JSON, as [`decode`] has it.
///
/// # Errors
/// [`DecodeError`] where it is no such value.
pub(super) fn from_json(json: Json, ty: &Type) -> Result<Value, DecodeError> {
    match (json, ty) {
        (Json::Null, _) => Ok(Value::Null),
        (Json::Bool(flag), Type::Bool) => Ok(Value::Bool(flag)),
        (Json::String(text), Type::String) => Ok(Value::String(text)),
        (Json::Number(number), Type::Number) => Ok(Value::Number(Number::from_decimal(&number.to_string()))),
        (Json::Array(elements), Type::List(element)) => Ok(Value::List(sequence(elements, element)?)),
        (Json::Array(elements), Type::Set(element)) => Ok(Value::set(sequence(elements, element)?)),
        (Json::Object(pairs), Type::Map(element)) => pairs
            .into_iter()
            .map(|(key, json)| match from_json(json, element) {
                Ok(value) => Ok((key, value)),
                Err(error) => Err(error.within(|| Step::Key(key))),
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Json::Object(mut pairs), Type::Object(attributes)) => attributes
            .iter()
            .map(|(name, ty)| match from_json(pairs.remove(*name).unwrap_or(Json::Null), ty) {
                Ok(value) => Ok(((*name).to_owned(), value)),
                Err(error) => Err(error.within(|| Step::Attribute((*name).to_owned()))),
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (_, ty) => Err(DecodeError::expected(ty.noun())),
    }
}

fn sequence(elements: Vec<Json>, element: &Type) -> Result<Vec<Value>, DecodeError> {
    (0..)
        .zip(elements)
        .map(|(index, json)| from_json(json, element).map_err(|error| error.within(|| Step::Index(index))))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn absent_attributes_are_null_and_strange_ones_passed_over() {
        let ty = Type::Object(vec![
            ("alias", Type::String),
            ("size", Type::Number),
            ("aliases", Type::Set(Box::new(Type::String))),
        ]);
        let value =
            decode(br#"{"size": 12345678901234567890, "gone": {"x": []}, "aliases": ["b", "a"]}"#, &ty).unwrap();
        let aliases = Value::Set(vec![Value::String("a".into()), Value::String("b".into())]);
        assert_eq!(
            value,
            Value::Map(BTreeMap::from([
                ("alias".to_owned(), Value::Null),
                ("size".to_owned(), Value::Number(Number::Decimal("12345678901234567890".into()))),
                ("aliases".to_owned(), aliases),
            ]))
        );
    }

    #[test]
    fn a_wrong_type_is_named_by_its_path() {
        let ty = Type::Object(vec![("aliases", Type::List(Box::new(Type::String)))]);
        let error = decode(br#"{"aliases": ["a", 1]}"#, &ty).unwrap_err();
        assert_eq!(error.to_string(), "aliases[1]: a string expected");
        assert!(decode(b"{", &ty).is_err());
    }
}
