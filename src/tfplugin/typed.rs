//! Rust types that stand for Terraform types: the way from a [`Value`] to a typed model and back.

use std::collections::BTreeMap;

use super::attr::{Attr, Sensitive, Set};
use super::path::{Path, Step};
use super::types::Type;
use super::value::{Number, Value};

/// A Rust type with a place in Terraform's type system.
pub trait Typed: Sized {
    /// Whether its values are secret.
    const SENSITIVE: bool = false;

    /// The Terraform type.
    fn ty() -> Type;

    /// Reads a value of that type.
    ///
    /// # Errors
    /// [`Mismatch`] where the value is of another type, or null or unknown where only [`Attr`] can hold that.
    fn from_value(value: Value) -> Result<Self, Mismatch>;

    /// Writes a value of that type.
    fn to_value(&self) -> Value;
}

/// A value that is not of the type that its place asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {expected} expected, {found} found")]
pub struct Mismatch {
    /// Where.
    pub path: Path,
    /// What the place asks for.
    pub expected: &'static str,
    /// What is there.
    pub found: &'static str,
}

impl Mismatch {
    /// `found` where `expected` was to be.
    #[must_use]
    pub fn new(expected: &'static str, found: &Value) -> Mismatch {
        Mismatch { path: Path::root(), expected, found: found.kind() }
    }

    /// The same, seen from one step further out.
    #[must_use]
    pub fn within(self, step: Step) -> Mismatch {
        Mismatch { path: self.path.within(step), ..self }
    }
}

impl<T: Typed> Typed for Attr<T> {
    const SENSITIVE: bool = T::SENSITIVE;

    fn ty() -> Type {
        T::ty()
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null => Ok(Attr::Null),
            Value::Unknown => Ok(Attr::Unknown),
            known => T::from_value(known).map(Attr::Known),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Attr::Null => Value::Null,
            Attr::Unknown => Value::Unknown,
            Attr::Known(value) => value.to_value(),
        }
    }
}

impl Typed for String {
    fn ty() -> Type {
        Type::String
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(Mismatch::new("a string", &other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Typed for Sensitive {
    const SENSITIVE: bool = true;

    fn ty() -> Type {
        String::ty()
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        String::from_value(value).map(Sensitive::new)
    }

    fn to_value(&self) -> Value {
        Value::String(self.reveal().to_owned())
    }
}

impl Typed for bool {
    fn ty() -> Type {
        Type::Bool
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Bool(flag) => Ok(flag),
            other => Err(Mismatch::new("a bool", &other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Typed for i64 {
    fn ty() -> Type {
        Type::Number
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Number(Number::Integer(number)) => Ok(number),
            other => Err(Mismatch::new("a whole number", &other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::Integer(*self))
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::List(elements) => (0..)
                .zip(elements)
                .map(|(index, element)| T::from_value(element).map_err(|error| error.within(Step::Index(index))))
                .collect(),
            other => Err(Mismatch::new("a list", &other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Typed::to_value).collect())
    }
}

impl<T: Typed + Ord> Typed for Set<T> {
    fn ty() -> Type {
        Type::Set(Box::new(T::ty()))
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Set(elements) => elements.into_iter().map(Attr::<T>::from_value).collect(),
            other => Err(Mismatch::new("a set", &other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::set(self.iter().map(Typed::to_value).collect())
    }
}

impl<T: Typed> Typed for BTreeMap<String, T> {
    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Map(elements) => elements
                .into_iter()
                .map(|(key, element)| match T::from_value(element) {
                    Ok(element) => Ok((key, element)),
                    Err(error) => Err(error.within(Step::Key(key))),
                })
                .collect(),
            other => Err(Mismatch::new("a map", &other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(key, element)| (key.clone(), element.to_value())).collect())
    }
}
