//! Functions: called with arguments that are known, before or after the provider is configured.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::schema::parse_type;
use super::{Core, demand, dynamic, literal, rules};

/// A call that was answered with an error.
#[derive(Clone, Debug)]
pub(crate) struct FailedCall(proto::FunctionError);

impl FailedCall {
    /// It has these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.0.text.contains(words), "{words:?} is not in {:?}", self.0.text);
        self
    }

    /// It blames the argument at this position.
    #[track_caller]
    pub(crate) fn at(&self, position: i64) -> &Self {
        assert_eq!(self.0.function_argument, Some(position), "{:?}", self.0);
        self
    }
}

impl Core {
    /// The result of a function.
    #[track_caller]
    pub(crate) fn call(&self, name: &str, arguments: &[Json]) -> Json {
        self.try_call(name, arguments).unwrap_or_else(|failed| panic!("{name} failed: {failed:?}"))
    }

    #[track_caller]
    pub(crate) fn call_failing(&self, name: &str, arguments: &[Json]) -> FailedCall {
        self.try_call(name, arguments).expect_err("the call has to fail")
    }

    /// Calls twice: the result depends on nothing but the arguments.
    #[track_caller]
    fn try_call(&self, name: &str, arguments: &[Json]) -> Result<Json, FailedCall> {
        const RPC: &str = "CallFunction";
        let function = self.schemas().functions.get(name).expect("a function of the provider");
        let encoded = arguments.iter().enumerate().map(|(position, argument)| {
            let further = function.variadic_parameter.as_ref();
            let parameter = function.parameters.get(position).or(further).expect("no more arguments than parameters");
            let ty = parse_type(&parameter.r#type).expect("the type of a parameter");
            dynamic(&literal::value(&ty, argument))
        });
        let request = proto::call_function::Request { name: name.to_owned(), arguments: encoded.collect() };
        assert!(request.arguments.len() >= function.parameters.len(), "core wants an argument for each parameter");
        let answer = self.ask(self.provider().call_function(request.clone()));
        let again = self.ask(self.provider().call_function(request.clone()));
        let result = rules::called(function, request.arguments.len(), &answer).unwrap_or_else(|breaches| {
            demand(RPC, breaches, &[]);
            None
        });
        assert_eq!(answer, again, "the same arguments give the same result");
        match answer.error {
            Some(error) => Err(FailedCall(error)),
            None => Ok(literal::json(&result.expect("a result"))),
        }
    }
}
