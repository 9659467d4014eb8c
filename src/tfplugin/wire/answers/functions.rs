//! The RPC on functions.

use super::{Answers, unknown_type, unless_stopped};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::function::{FunctionError, Signature};
use crate::tfplugin::provider::Provider;
use crate::tfplugin::value::Value;
use crate::tfplugin::wire::convert::{dynamic_value, value};
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    pub(in crate::tfplugin::wire) async fn call_function(
        &self,
        request: proto::call_function::Request,
        context: Context,
    ) -> proto::call_function::Response {
        let outcome = unless_stopped(context.stop, "compute a result", self.call(request)).await;
        match outcome {
            Ok(result) => proto::call_function::Response { result: Some(dynamic_value(&result)), error: None },
            Err(FunctionError { text, argument }) => {
                let function_argument = argument.and_then(|position| i64::try_from(position).ok());
                let error = proto::FunctionError { text, function_argument };
                proto::call_function::Response { result: None, error: Some(error) }
            }
        }
    }

    async fn call(&self, request: proto::call_function::Request) -> Result<Value, FunctionError> {
        let function = self.functions.get(request.name.as_str());
        let function = function.ok_or_else(|| unknown_type("function", &request.name))?;
        let arguments = arguments(&function.signature(), request.arguments)?;
        function.call(arguments).await
    }
}

fn arguments(signature: &Signature, sent: Vec<proto::DynamicValue>) -> Result<Vec<Value>, FunctionError> {
    let argument = |(position, argument)| {
        let at = |error: Diagnostic| FunctionError { argument: Some(position), ..error.into() };
        let parameter = signature.parameter(position).ok_or_else(|| {
            at(Diagnostic::error("Too many arguments", format!("The function takes {position} of them.")))
        })?;
        value(Some(argument), &parameter.ty).map_err(|error| at(error.into()))
    };
    sent.into_iter().enumerate().map(argument).collect()
}
