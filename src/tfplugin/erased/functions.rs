//! Functions without their types.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Erased, model, surviving};
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::function::{Function, FunctionError, Signature};
use crate::tfplugin::path::Path;
use crate::tfplugin::typed::Typed;
use crate::tfplugin::value::Value;

/// A function behind a trait object.
#[async_trait]
pub trait AnyFunction: Send + Sync {
    /// See [`Function::NAME`].
    fn name(&self) -> &'static str;
    /// How it is called.
    fn signature(&self) -> Signature;
    /// See [`Function::call`]. The arguments are of the types that the signature says.
    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

#[async_trait]
impl<F: Function> AnyFunction for Erased<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn signature(&self) -> Signature {
        Signature::of::<F>()
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let signature = self.signature();
        let outcome = async {
            let arguments = model(by_name(&signature, arguments)?)?;
            surviving(self.0.call(arguments)).await
        };
        outcome.await.map(|output| output.to_value()).map_err(|error: Diagnostic| signature.error(error))
    }
}

/// The arguments as an object, each under the name of its parameter.
fn by_name(signature: &Signature, mut arguments: Vec<Value>) -> Result<Value, Diagnostic> {
    let further = arguments.split_off(signature.parameters.len().min(arguments.len()));
    let mut given = arguments.into_iter();
    let mut named = BTreeMap::new();
    for parameter in &signature.parameters {
        match given.next() {
            Some(argument) if argument != Value::Null && argument.is_wholly_known() => {
                named.insert(parameter.name.to_owned(), argument);
            }
            _ => {
                let detail = format!("`{}` must be set, and known.", parameter.name);
                return Err(Diagnostic::error("Missing argument", detail).at(Path::attribute(parameter.name)));
            }
        }
    }
    if let Some(parameter) = &signature.variadic {
        named.insert(parameter.name.to_owned(), Value::List(further));
    }
    Ok(Value::Map(named))
}
