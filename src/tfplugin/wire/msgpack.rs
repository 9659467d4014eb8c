//! Values as MessagePack, in which Terraform sends and takes them.
//!
//! Unknown is an extension of any code and length. Numbers come as integer, float or decimal text, whichever is exact.

use rmpv::{Value as Pack, ValueRef as PackRef};

use super::error::DecodeError;
use crate::tfplugin::path::Step;
use crate::tfplugin::types::Type;
use crate::tfplugin::value::{Number, Value};

/// Reads a value of type `ty`.
///
/// # Errors
/// [`DecodeError`] where `bytes` hold no such value.
pub fn decode(mut bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    let pack = rmpv::decode::read_value(&mut bytes).map_err(DecodeError::MessagePack)?;
    from_pack(pack, ty)
}

/// Writes a value.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A Vec takes every write.
    let _ = rmpv::encode::write_value_ref(&mut bytes, &to_pack(value));
    bytes
}

fn from_pack(pack: Pack, ty: &Type) -> Result<Value, DecodeError> {
    match (pack, ty) {
        (Pack::Nil, _) => Ok(Value::Null),
        (Pack::Ext(..), _) => Ok(Value::Unknown),
        (Pack::Boolean(flag), Type::Bool) => Ok(Value::Bool(flag)),
        (pack, Type::String) => text(pack).map(Value::String).ok_or(DecodeError::expected(ty.noun())),
        (pack, Type::Number) => number(pack).map(Value::Number).ok_or(DecodeError::expected(ty.noun())),
        (Pack::Array(elements), Type::List(element)) => Ok(Value::List(sequence(elements, element)?)),
        (Pack::Array(elements), Type::Set(element)) => Ok(Value::set(sequence(elements, element)?)),
        (Pack::Map(pairs), Type::Map(element)) => pairs
            .into_iter()
            .map(|(key, pack)| {
                let key = text(key).ok_or(DecodeError::expected("text as key"))?;
                let value = from_pack(pack, element).map_err(|error| error.within(|| Step::Key(key.clone())))?;
                Ok((key, value))
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Pack::Map(pairs), Type::Object(attributes)) => pairs
            .into_iter()
            .map(|(key, pack)| {
                let name = text(key).ok_or(DecodeError::expected("text as attribute name"))?;
                let declared = attributes.iter().find(|(declared, _)| *declared == name);
                let (_, ty) = declared.ok_or(DecodeError::expected("only attributes of the schema"))?;
                let value = from_pack(pack, ty).map_err(|error| error.within(|| Step::Attribute(name.clone())))?;
                Ok((name, value))
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (_, ty) => Err(DecodeError::expected(ty.noun())),
    }
}

fn sequence(elements: Vec<Pack>, element: &Type) -> Result<Vec<Value>, DecodeError> {
    (0..)
        .zip(elements)
        .map(|(index, pack)| from_pack(pack, element).map_err(|error| error.within(|| Step::Index(index))))
        .collect()
}

fn text(pack: Pack) -> Option<String> {
    match pack {
        Pack::String(text) => text.into_str(),
        Pack::Binary(bytes) => String::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn number(pack: Pack) -> Option<Number> {
    match pack {
        Pack::Integer(integer) => match integer.as_i64() {
            Some(integer) => Some(Number::Integer(integer)),
            None => integer.as_u64().map(|large| Number::Decimal(large.to_string())),
        },
        Pack::F32(float) => Number::from_float(float.into()),
        Pack::F64(float) => Number::from_float(float),
        other => text(other).map(|decimal| Number::from_decimal(&decimal)),
    }
}

fn to_pack(value: &Value) -> PackRef<'_> {
    match value {
        Value::Null => PackRef::Nil,
        Value::Unknown => PackRef::Ext(0, &[0]),
        Value::Bool(flag) => PackRef::Boolean(*flag),
        Value::Number(Number::Integer(integer)) => (*integer).into(),
        Value::Number(Number::Decimal(decimal)) => decimal.as_str().into(),
        Value::String(text) => text.as_str().into(),
        Value::List(elements) | Value::Set(elements) => PackRef::Array(elements.iter().map(to_pack).collect()),
        Value::Map(elements) => {
            PackRef::Map(elements.iter().map(|(key, value)| (key.as_str().into(), to_pack(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests;
