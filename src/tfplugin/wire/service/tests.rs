//! The RPCs as any host sees them, on a provider made for it: what every list, action and function can rely on.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod library;

use std::time::Duration;

use self::library::{Book, Library, Order};
use super::*;
use crate::tfplugin::typed::Typed;
use crate::tfplugin::value::Value;
use crate::tfplugin::wire::msgpack;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn started() -> (Library, Service<Library>) {
    let library = Library::default();
    (library.clone(), Service::new(library, Stop::new()))
}

fn config(how: &str) -> Option<proto::DynamicValue> {
    Some(dynamic(&Order { how: how.into() }.to_value()))
}

fn dynamic(value: &Value) -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(value), json: Vec::new() }
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("it does not take forever")
}

async fn list(
    service: &Service<Library>,
    how: &str,
    limit: i64,
    include_resource_object: bool,
) -> BoxStream<proto::list_resource::Event> {
    let type_name = "library_book".to_owned();
    let request = proto::list_resource::Request { type_name, config: config(how), include_resource_object, limit };
    service.list_resource(Request::new(request)).await.unwrap().into_inner()
}

async fn invoke(service: &Service<Library>, how: &str) -> BoxStream<proto::invoke_action::Event> {
    let action_type = "library_read".to_owned();
    let request = proto::invoke_action::Request { action_type, config: config(how), client_capabilities: None };
    service.invoke_action(Request::new(request)).await.unwrap().into_inner()
}

async fn all<E>(stream: BoxStream<E>) -> Vec<E> {
    soon(stream.map(Result::unwrap).collect()).await
}

fn summaries(diagnostics: &[proto::Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect()
}

#[tokio::test]
async fn what_is_found_is_listed_and_what_is_said_comes_last() {
    let (_, service) = started();
    let events = all(list(&service, "some", 9, true).await).await;
    let [found, told] = &events[..] else { panic!("{events:?}") };
    assert_eq!(found.display_name, "one");
    let object = dynamic(&Book { title: "one".into() }.to_value());
    assert_eq!(found.resource_object, Some(object.clone()));
    assert_eq!(found.identity, Some(proto::ResourceIdentityData { identity_data: Some(object) }));
    assert_eq!(summaries(&told.diagnostic), ["Dust", "Unable to go on"]);
    assert_eq!((&told.identity, &told.resource_object), (&None, &None));

    let identities = all(list(&service, "some", 9, false).await).await;
    assert!(identities.iter().all(|event| event.resource_object.is_none()));
}

#[tokio::test]
async fn a_list_ends_at_its_limit() {
    let (_, service) = started();
    assert_eq!(all(list(&service, "endless", 3, false).await).await.len(), 3);
    assert_eq!(all(list(&service, "endless", 0, false).await).await.len(), 0);
}

#[tokio::test]
async fn a_list_that_nobody_reads_any_more_ends() {
    for how in ["endless", "hang"] {
        let (library, service) = started();
        let events = list(&service, how, i64::MAX, false).await;
        soon(library.began.notified()).await;
        drop(events);
        soon(library.ended.notified()).await;
        soon(service.stop.idle()).await;
    }
}

#[tokio::test]
async fn a_list_ends_in_words_when_the_run_is_stopped_and_when_it_panics() {
    let (library, service) = started();
    let events = list(&service, "hang", 9, false).await;
    soon(library.began.notified()).await;
    service.stop.request();
    let events = all(events).await;
    assert_eq!(summaries(&events[0].diagnostic), ["Unable to list"]);

    let events = all(list(&service, "panic", 9, false).await).await;
    assert!(events[0].diagnostic[0].detail.contains("the shelf fell"), "{events:?}");
    let events = all(list(&service, "nameless", 9, false).await).await;
    assert_eq!(summaries(&events[0].diagnostic), ["Unable to list an object"]);
}

/// The lines of progress, and what was said at the end.
async fn completed(stream: BoxStream<proto::invoke_action::Event>) -> (Vec<String>, Vec<proto::Diagnostic>) {
    use proto::invoke_action::event::Type;
    let mut lines = Vec::new();
    let mut ends = Vec::new();
    for event in all(stream).await {
        match event.r#type.expect("core crashes without") {
            Type::Progress(progress) if ends.is_empty() => lines.push(progress.message),
            Type::Progress(progress) => panic!("{progress:?} after the end"),
            Type::Completed(completed) => ends.push(completed.diagnostics),
        }
    }
    assert_eq!(ends.len(), 1, "an action ends once");
    (lines, ends.remove(0))
}

#[tokio::test]
async fn an_action_says_how_far_it_is_and_then_ends() {
    let (_, service) = started();
    let (lines, told) = completed(invoke(&service, "read").await).await;
    assert_eq!(lines, ["Opened", "Half-way"]);
    assert_eq!(summaries(&told), ["Dust"]);
}

#[tokio::test]
async fn an_action_ends_in_words_when_it_panics_is_stopped_or_does_not_exist() {
    let (library, service) = started();
    let (_, told) = completed(invoke(&service, "panic").await).await;
    assert!(told[0].detail.contains("the shelf fell"), "{told:?}");
    soon(library.ended.notified()).await;

    let events = invoke(&service, "hang").await;
    soon(library.began.notified()).await;
    service.stop.request();
    assert_eq!(summaries(&completed(events).await.1), ["Unable to read on"]);
    soon(library.ended.notified()).await;

    let request = proto::invoke_action::Request { action_type: "library_burn".to_owned(), ..Default::default() };
    let events = service.invoke_action(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(summaries(&completed(events).await.1), ["Unknown action"]);
}

#[tokio::test]
async fn an_action_whose_listener_goes_is_told_and_ends_in_order() {
    let (library, service) = started();
    let events = invoke(&service, "hang").await;
    soon(library.began.notified()).await;
    drop(events);
    soon(library.ended.notified()).await;
    soon(service.stop.idle()).await;
}

#[tokio::test]
async fn lists_and_actions_are_validated_and_planned() {
    let (_, service) = started();
    let list = proto::validate_list_resource_config::Request {
        type_name: "library_book".to_owned(),
        config: config("wrong"),
        ..Default::default()
    };
    let list = service.validate_list_resource_config(Request::new(list)).await.unwrap().into_inner();
    let action_type = || "library_read".to_owned();
    let action = proto::validate_action_config::Request { action_type: action_type(), config: config("wrong") };
    let action = service.validate_action_config(Request::new(action)).await.unwrap().into_inner();
    for diagnostics in [list.diagnostics, action.diagnostics] {
        assert_eq!(summaries(&diagnostics), ["Invalid argument"]);
        assert!(diagnostics[0].attribute.is_some());
    }
    let plan = proto::plan_action::Request { action_type: action_type(), config: config("read"), ..Default::default() };
    let plan = service.plan_action(Request::new(plan)).await.unwrap().into_inner();
    assert_eq!(plan.diagnostics, []);
}

async fn call(name: &str, arguments: &[&str]) -> proto::call_function::Response {
    let (_, service) = started();
    let arguments = arguments.iter().map(|argument| dynamic(&Value::String((*argument).to_owned()))).collect();
    let request = proto::call_function::Request { name: name.to_owned(), arguments };
    soon(service.call_function(Request::new(request))).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_function_takes_any_number_of_arguments() {
    for (arguments, result) in [(&["a"][..], "a"), (&["a", "b", "c"], "a b c")] {
        let answer = call("join", arguments).await;
        assert_eq!(answer.result, Some(dynamic(&Value::String(result.to_owned()))), "{:?}", answer.error);
        assert_eq!(answer.error, None);
    }
}

#[tokio::test]
async fn an_error_of_a_function_is_at_the_argument_to_blame() {
    for (name, arguments, text, argument) in [
        ("join", &["torn"][..], "Unable to join: It is torn", Some(0)),
        ("join", &["a", "b", "torn"], "Unable to join: It is torn", Some(2)),
        ("join", &["all"], "Unable to join: It is torn", None),
        ("join", &[], "Missing argument: `first` must be set, and known", Some(0)),
        ("burn", &["a"], "Unknown function: This provider has no function \"burn\"", None),
    ] {
        let answer = call(name, arguments).await;
        let error = answer.error.unwrap();
        assert_eq!((error.text.as_str(), error.function_argument), (text, argument));
        assert_eq!(answer.result, None);
    }
    assert!(call("join", &["panic"]).await.error.unwrap().text.contains("the shelf fell"));
}

#[tokio::test]
async fn everything_is_in_the_metadata_and_in_the_schema() {
    let (_, service) = started();
    let metadata = service.get_metadata(Request::new(proto::get_metadata::Request {})).await.unwrap().into_inner();
    assert_eq!(metadata.resources[0].type_name, "library_book");
    assert_eq!(metadata.list_resources[0].type_name, "library_book");
    assert_eq!(metadata.actions[0].type_name, "library_read");
    assert_eq!(metadata.functions[0].name, "join");
    let schema = service.get_schema(Request::new(proto::get_provider_schema::Request {})).await.unwrap().into_inner();
    assert!(schema.list_resource_schemas.contains_key("library_book"));
    assert!(schema.action_schemas["library_read"].schema.is_some());
    let join = &schema.functions["join"];
    assert_eq!(join.parameters[0].name, "first");
    assert_eq!(join.variadic_parameter.as_ref().unwrap().r#type, br#""string""#);
}
