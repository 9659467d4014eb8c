//! Typed models: a Rust struct and the schema of the same attributes, from one declaration.

use std::collections::BTreeMap;
use std::fmt;

use super::attr::Attr;
use super::path::Step;
use super::schema::{Block, Nesting};
use super::typed::{Mismatch, Typed};
use super::value::Value;

/// A struct that [`model!`](crate::model) declares: the attributes and blocks of a resource, a data source, a provider
/// configuration, a nested block, or an object inside an attribute.
pub trait Model: Typed + Clone + fmt::Debug + Default + Send + Sync + 'static {
    /// The schema, made when it is first needed.
    fn block() -> &'static Block;
}

/// A nested block in a model: a `Vec` of models where it may stand any number of times, an `Option` where at most once.
pub trait Nested: Sized {
    /// What stands in the block.
    type Content: Model;

    /// How often it may stand there.
    const NESTING: Nesting;

    /// Reads the block. One whose number is unknown yet counts as absent: it is decoded again when known.
    ///
    /// # Errors
    /// [`Mismatch`] where the value is of another type.
    fn from_value(value: Value) -> Result<Self, Mismatch>;

    /// Writes the block.
    fn to_value(&self) -> Value;
}

impl<M: Model> Nested for Vec<M> {
    type Content = M;

    const NESTING: Nesting = Nesting::List;

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        Ok(Attr::<Vec<M>>::from_value(value)?.known().cloned().unwrap_or_default())
    }

    fn to_value(&self) -> Value {
        Typed::to_value(self)
    }
}

impl<M: Model> Nested for Option<M> {
    type Content = M;

    const NESTING: Nesting = Nesting::Single;

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        Ok(Attr::<M>::from_value(value)?.known().cloned())
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Typed::to_value)
    }
}

/// Declares a [`Model`]: each attribute's name, Rust type, use, behaviour on change and Markdown description stand here and
/// nowhere else.
///
/// Every field becomes an `Attr<T>`. A block is a `Vec` of models, or an `Option` of one. The doc comments become the descriptions.
///
/// ```
/// use terraform_provider_incus::model;
/// use terraform_provider_incus::tfplugin::schema::{OnChange, Usage};
///
/// model! {
///     /// A shelf.
///     pub struct Shelf {
///         /// Its name.
///         name: String = Usage::Required.on_change(OnChange::Replace),
///         /// How many books stand on it.
///         books: i64 = Usage::Computed,
///     }
/// }
/// ```
#[macro_export]
macro_rules! model {
    (
        $(#[doc = $about:expr])+
        $visibility:vis struct $name:ident {
            $( $(#[doc = $doc:expr])+ $attribute:ident : $ty:ty = $declaration:expr, )*
            $( blocks { $( $(#[doc = $block_doc:expr])+ $block:ident : $content:ty, )+ } )?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
        $visibility struct $name {
            $( $(#[doc = $doc])+ $visibility $attribute: $crate::tfplugin::attr::Attr<$ty>, )*
            $( $( $(#[doc = $block_doc])+ $visibility $block: $content, )+ )?
        }

        impl $crate::tfplugin::model::Model for $name {
            fn block() -> &'static $crate::tfplugin::schema::Block {
                use $crate::tfplugin::schema::{Block, Declaration, markdown};
                static BLOCK: std::sync::LazyLock<Block> = std::sync::LazyLock::new(|| Block {
                    description: markdown(concat!($($about, "\n"),+)),
                    attributes: vec![
                        $( Declaration::from($declaration).attribute::<$ty>(
                            $crate::tfplugin::model::name(stringify!($attribute)), concat!($($doc, "\n"),+)) ),*
                    ],
                    blocks: vec![
                        $( $( $crate::tfplugin::schema::NestedBlock {
                            name: stringify!($block),
                            nesting: <$content as $crate::tfplugin::model::Nested>::NESTING,
                            block: Block {
                                description: markdown(concat!($($block_doc, "\n"),+)),
                                ..<$content as $crate::tfplugin::model::Nested>::Content::block().clone()
                            },
                        } ),+ )?
                    ],
                });
                &BLOCK
            }
        }

        impl $crate::tfplugin::typed::Typed for $name {
            fn ty() -> $crate::tfplugin::types::Type {
                <$name as $crate::tfplugin::model::Model>::block().ty()
            }

            fn from_value(
                value: $crate::tfplugin::value::Value,
            ) -> Result<Self, $crate::tfplugin::typed::Mismatch> {
                let mut fields = $crate::tfplugin::model::Fields::of(value)?;
                Ok(Self {
                    $( $attribute: fields.attribute($crate::tfplugin::model::name(stringify!($attribute)))?, )*
                    $( $( $block: fields.block(stringify!($block))?, )+ )?
                })
            }

            fn to_value(&self) -> $crate::tfplugin::value::Value {
                $crate::tfplugin::value::Value::Map(std::collections::BTreeMap::from([
                    $( (
                        $crate::tfplugin::model::name(stringify!($attribute)).to_owned(),
                        $crate::tfplugin::typed::Typed::to_value(&self.$attribute),
                    ), )*
                    $( $( (stringify!($block).to_owned(), $crate::tfplugin::model::Nested::to_value(&self.$block)), )+ )?
                ]))
            }
        }
    };
}

/// The name in HCL of a field: `type` for `r#type`.
#[must_use]
pub fn name(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// The attributes of an object on their way into a struct that [`model!`](crate::model) declares.
#[derive(Debug)]
pub struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// The attributes of `value`.
    ///
    /// # Errors
    /// [`Mismatch`] where it is no object.
    pub fn of(value: Value) -> Result<Fields, Mismatch> {
        match value {
            Value::Map(attributes) => Ok(Fields(attributes)),
            other => Err(Mismatch::new("an object", &other)),
        }
    }

    /// Takes the attribute `name`; an absent one is null.
    ///
    /// # Errors
    /// [`Mismatch`] where it is of another type.
    pub fn attribute<T: Typed>(&mut self, name: &str) -> Result<Attr<T>, Mismatch> {
        self.take(name, Attr::from_value)
    }

    /// Takes the block `name`.
    ///
    /// # Errors
    /// [`Mismatch`] where it is of another type.
    pub fn block<T: Nested>(&mut self, name: &str) -> Result<T, Mismatch> {
        self.take(name, T::from_value)
    }

    fn take<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Result<T, Mismatch>) -> Result<T, Mismatch> {
        let value = self.0.remove(name).unwrap_or(Value::Null);
        read(value).map_err(|error| error.within(Step::Attribute(name.to_owned())))
    }
}
