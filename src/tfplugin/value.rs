//! Terraform values as they are inside the provider: null and unknown are values like any other. How they look on the wire is
//! not known here.

use std::collections::BTreeMap;

/// A value of Terraform's type system.
///
/// Equality is Terraform's, but that numbers which are not whole compare by their text: sets compare without order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Not set.
    Null,
    /// Not known before apply. Refinements are dropped: core accepts the plain form in their place.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// Text, in the normalization form C that core gives it.
    String(String),
    /// The elements of a list, a tuple or a list block, in order.
    List(Vec<Value>),
    /// The elements of a set, sorted; unknown elements may repeat.
    Set(Vec<Value>),
    /// The elements of a map, or the attributes of an object or a block.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// A set of `elements`: sorted, each known element once. Unknown elements all stay, since each may become another value.
    #[must_use]
    pub fn set(mut elements: Vec<Value>) -> Value {
        elements.sort();
        elements.dedup_by(|a, b| a == b && *a != Value::Unknown);
        Value::Set(elements)
    }

    /// What the value is, in a word, for error texts.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Unknown => "unknown",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::List(_) => "list",
            Value::Set(_) => "set",
            Value::Map(_) => "map",
        }
    }

    /// Whether no part of the value is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown => false,
            Value::List(elements) | Value::Set(elements) => elements.iter().all(Value::is_wholly_known),
            Value::Map(elements) => elements.values().all(Value::is_wholly_known),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }
}

/// A number, exact. Terraform's numbers are decimal with 512 bits of precision, so that neither `i64` nor `f64` can hold
/// them all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// A whole number that fits.
    Integer(i64),
    /// Everything else, as decimal text.
    Decimal(String),
}

impl Number {
    /// The number that `text` writes: digits, with sign, point and exponent as Go prints them.
    #[must_use]
    pub fn from_decimal(text: &str) -> Number {
        text.parse().map_or_else(|_| Number::Decimal(text.to_owned()), Number::Integer)
    }

    /// The number with the shortest decimal text that reads back as `float`, which is how core compares them; nothing for
    /// "not a number", which crashes core's decoder.
    #[must_use]
    pub fn from_float(float: f64) -> Option<Number> {
        (!float.is_nan()).then(|| Number::from_decimal(&float.to_string()))
    }
}
