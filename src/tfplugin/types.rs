//! Terraform's types, without `dynamic`, which no schema here uses.

use serde_json::{Value as Json, json};

/// The type of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `string`
    String,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `object({…})`, also the type of a block.
    Object(Vec<(&'static str, Type)>),
}

impl Type {
    /// The JSON form in which schemas carry types, such as `["set","string"]`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Type::String => json!("string"),
            Type::Number => json!("number"),
            Type::Bool => json!("bool"),
            Type::List(element) => json!(["list", element.to_json()]),
            Type::Set(element) => json!(["set", element.to_json()]),
            Type::Map(element) => json!(["map", element.to_json()]),
            Type::Object(attributes) => {
                let attributes: serde_json::Map<_, _> =
                    attributes.iter().map(|(name, ty)| ((*name).to_owned(), ty.to_json())).collect();
                json!(["object", attributes])
            }
        }
    }

    /// What a value of the type is called in an error text.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Type::String => "a string",
            Type::Number => "a number",
            Type::Bool => "a bool",
            Type::List(_) => "a list",
            Type::Set(_) => "a set",
            Type::Map(_) => "a map",
            Type::Object(_) => "an object",
        }
    }
}
