//! The rules of lists, actions and functions.

use std::collections::BTreeSet;

use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::invoke_action::event::Type;

use super::{decoded, identity, wholly_known};
use crate::support::core::breach::Breach;
use crate::support::core::schema::{Block, parse_type};

/// An event of a list is an object, or a diagnostic. An object can be told from others and has a name to show; its state comes
/// along exactly where it is asked for.
pub(crate) fn listed(
    identities: Option<&Block>,
    resource: &Block,
    event: &proto::list_resource::Event,
    with_object: bool,
) -> Vec<Breach> {
    let breach = |rule, detail: &str| vec![Breach::of_all(rule, detail)];
    match identity(identities, event.identity.as_ref()) {
        Err(breaches) => return breaches,
        Ok(Value::Null) if !event.diagnostic.is_empty() => return Vec::new(),
        Ok(Value::Null) => return breach("what is listed has an identity", "there is none"),
        Ok(_) => {}
    }
    let mut breaches = Vec::new();
    if event.display_name.trim().is_empty() {
        breaches.extend(breach("what is listed has a name to show", "it is empty"));
    }
    match (event.resource_object.as_ref().map(|object| decoded(resource, Some(object))), with_object) {
        (None, false) => {}
        (None | Some(Ok(Value::Null)), true) => {
            breaches.extend(breach("a state comes along where it is asked for", "there is none"));
        }
        (Some(Ok(object)), true) => breaches.extend(wholly_known(&object)),
        (Some(Err(found)), true) => breaches.extend(found),
        (Some(_), false) => breaches.extend(breach("no state comes along unasked", "there is one")),
    }
    breaches
}

/// Every event of an action is a line of progress or the end, and the end is the last of them.
pub(crate) fn invoked(events: &[proto::invoke_action::Event]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut breach = |rule, detail: String| breaches.push(Breach::of_all(rule, detail));
    for (position, event) in events.iter().enumerate() {
        match &event.r#type {
            None => breach("an event says what it is", format!("event {position} crashes core")),
            Some(Type::Progress(progress)) if progress.message.trim().is_empty() => {
                breach("progress says something", format!("event {position} does not"));
            }
            Some(Type::Completed(_)) if position + 1 < events.len() => {
                breach("nothing comes after the end", format!("{} events do", events.len() - position - 1));
            }
            Some(Type::Progress(_) | Type::Completed(_)) => {}
        }
    }
    if !events.iter().any(|event| matches!(event.r#type, Some(Type::Completed(_)))) {
        breach("an action ends", "the stream does, but not the action".to_owned());
    }
    breaches
}

/// A function has a result of its type, wholly known, or an error, which blames nothing but an argument of the call.
pub(crate) fn called(
    function: &proto::Function,
    arguments: usize,
    answer: &proto::call_function::Response,
) -> Result<Option<Value>, Vec<Breach>> {
    let breach = |rule, detail: String| Err(vec![Breach::of_all(rule, detail)]);
    if let Some(error) = &answer.error {
        let blames = error.function_argument.map(usize::try_from);
        return match blames {
            _ if error.text.trim().is_empty() => breach("an error says something", "its text is empty".to_owned()),
            Some(blamed) if blamed.is_ok_and(|position| position < arguments) => Ok(None),
            Some(blamed) => breach("an error blames an argument of the call", format!("{blamed:?} of {arguments}")),
            None => Ok(None),
        };
    }
    let returns = function.r#return.as_ref().map(|returns| parse_type(&returns.r#type));
    let Some(Ok(ty)) = returns else { return breach("a function declares what it returns", format!("{returns:?}")) };
    let Some(result) = answer.result.as_ref().filter(|result| !result.msgpack.is_empty()) else {
        return breach("a function has a result or an error", "it has neither".to_owned());
    };
    match msgpack::decode(&result.msgpack, &ty) {
        Err(error) => breach("a result is of the declared type", error.to_string()),
        Ok(value) => match wholly_known(&value) {
            unknown if unknown.is_empty() => Ok(Some(value)),
            unknown => Err(unknown),
        },
    }
}

/// Everything that is wrong with how a function is declared.
pub(crate) fn function(function: &proto::Function) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut names = BTreeSet::new();
    for parameter in function.parameters.iter().chain(&function.variadic_parameter) {
        let path = Path::attribute(&parameter.name);
        let mut breach = |rule, detail: String| breaches.push(Breach::new(rule, &path, detail));
        if parameter.name.is_empty() || !names.insert(&parameter.name) {
            breach("a parameter has a name of its own", format!("{:?}", parameter.name));
        }
        if let Err(error) = parse_type(&parameter.r#type) {
            breach("a type is one that core reads", error);
        }
        if parameter.description.trim().is_empty() {
            breach("a parameter has a description", "it is empty".to_owned());
        }
    }
    let mut breach = |rule, detail: String| breaches.push(Breach::of_all(rule, detail));
    match function.r#return.as_ref().map(|returns| parse_type(&returns.r#type)) {
        Some(Ok(_)) => {}
        Some(Err(error)) => breach("a type is one that core reads", error),
        None => breach("a function declares what it returns", "it does not".to_owned()),
    }
    if function.summary.trim().is_empty() || function.description.trim().is_empty() {
        breach("a function has a summary and a description", format!("{:?}", function.summary));
    }
    breaches
}

/// No client of today takes "not now" for an answer.
pub(crate) fn not_deferred(deferred: Option<proto::Deferred>) -> Option<Breach> {
    deferred.map(|reason| Breach::of_all("nothing is deferred unless the client allows it", format!("{reason:?}")))
}
