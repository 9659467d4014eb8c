//! Requests that Terraform rarely sends: each is answered, cleanly, by diagnostics.

use serde_json::json;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use crate::support::core::Core;

#[test]
fn a_type_that_does_not_exist_is_an_error_that_names_it() {
    let core = Core::without_server();
    let type_name = || "incus_teapot".to_owned();
    let config = Some(null());
    let validate = proto::validate_resource_type_config::Request {
        type_name: type_name(),
        config: config.clone(),
        ..Default::default()
    };
    refused("incus_teapot", &core.ask(core.provider().validate_resource_type_config(validate)).diagnostics);
    let upgrade = proto::upgrade_resource_state::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().upgrade_resource_state(upgrade)).diagnostics);
    let read = proto::read_resource::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().read_resource(read)).diagnostics);
    let plan = proto::plan_resource_change::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().plan_resource_change(plan)).diagnostics);
    let upgrade = proto::upgrade_resource_identity::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().upgrade_resource_identity(upgrade)).diagnostics);
    let moving = proto::move_resource_state::Request { target_type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().move_resource_state(moving)).diagnostics);
    let generate = proto::generate_resource_config::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().generate_resource_config(generate)).diagnostics);
    let import = proto::import_resource_state::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().import_resource_state(import)).diagnostics);
    let validate = proto::validate_data_source_config::Request { type_name: type_name(), config };
    refused("incus_teapot", &core.ask(core.provider().validate_data_source_config(validate)).diagnostics);
    let read = proto::read_data_source::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().read_data_source(read)).diagnostics);
    let validate = proto::validate_list_resource_config::Request { type_name: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().validate_list_resource_config(validate)).diagnostics);
    let validate = proto::validate_action_config::Request { action_type: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().validate_action_config(validate)).diagnostics);
    let plan = proto::plan_action::Request { action_type: type_name(), ..Default::default() };
    refused("incus_teapot", &core.ask(core.provider().plan_action(plan)).diagnostics);
    let call = proto::call_function::Request { name: type_name(), arguments: Vec::new() };
    let error = core.ask(core.provider().call_function(call)).error.expect("an error");
    assert!(error.text.contains("incus_teapot"), "{}", error.text);
}

#[test]
fn an_apply_of_a_type_that_does_not_exist_keeps_state_and_private_data() {
    let core = Core::without_server();
    let prior_state = Some(proto::DynamicValue { msgpack: b"\x80".to_vec(), json: Vec::new() });
    let apply = proto::apply_resource_change::Request {
        type_name: "incus_teapot".to_owned(),
        prior_state: prior_state.clone(),
        planned_state: Some(null()),
        planned_private: b"private".to_vec(),
        ..Default::default()
    };
    let answer = core.ask(core.provider().apply_resource_change(apply));
    refused("incus_teapot", &answer.diagnostics);
    assert_eq!(answer.new_state, prior_state);
    assert_eq!(answer.private, b"private");
}

#[test]
fn a_value_that_is_none_is_an_error() {
    let core = Core::without_server();
    let garbage = Some(proto::DynamicValue { msgpack: b"\xa9cut".to_vec(), json: Vec::new() });
    for type_name in core.schemas().resource_schemas.keys() {
        let request = proto::validate_resource_type_config::Request {
            type_name: type_name.clone(),
            config: garbage.clone(),
            ..Default::default()
        };
        let answer = core.ask(core.provider().validate_resource_type_config(request));
        refused("Unable to read a value that Terraform sent", &answer.diagnostics);
    }
}

#[test]
fn nothing_is_moved_from_another_provider() {
    let core = Core::without_server();
    let request = proto::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/acme/teapot".to_owned(),
        source_type_name: "teapot_kettle".to_owned(),
        target_type_name: "incus_image".to_owned(),
        ..Default::default()
    };
    let answer = core.ask(core.provider().move_resource_state(request));
    assert_eq!(answer.target_state, None);
    refused("teapot_kettle", &answer.diagnostics);
}

#[test]
fn a_request_of_many_megabytes_is_taken() {
    let core = Core::without_server();
    let request = proto::move_resource_state::Request {
        source_type_name: "teapot_kettle".to_owned(),
        source_state: Some(proto::RawState {
            json: [vec![b' '; 32 << 20], b"{}".to_vec()].concat(),
            ..Default::default()
        }),
        target_type_name: "incus_image".to_owned(),
        ..Default::default()
    };
    refused("teapot_kettle", &core.ask(core.provider().move_resource_state(request)).diagnostics);
}

#[test]
fn stop_is_answered_when_nothing_runs_and_later_requests_work() {
    let core = Core::without_server();
    core.stop();
    core.stop();
    core.configure(&json!({}));
    core.shutdown();
}

#[test]
fn a_provider_block_that_makes_no_sense_is_refused() {
    let core = Core::without_server();
    let remote = |address: &str, protocol: &str| json!({"name": "upstream", "address": address, "protocol": protocol});
    core.configure_failing(&json!({"project": "a project"})).during("PrepareProviderConfig").at("project");
    let second = json!({"remote": [remote("unix://", "incus"), remote("https://localhost", "gopher")]});
    core.configure_failing(&second).during("PrepareProviderConfig").at("remote[1].protocol").says("gopher");
}

#[test]
fn a_provider_that_was_never_configured_answers() {
    let core = Core::without_server();
    let mut image = core.resource("incus_image");
    let fingerprint = "0".repeat(64);
    image.plan(&json!({"alias": "alpine", "source": "images:alpine/edge"})).is_create();
    image.import_failing(&fingerprint).during("ImportResourceState").says("Unable to");
    core.read_data_failing("incus_images", &json!({})).during("ReadDataSource").says("Unable to");
    assert!(!image.exists());
}

#[track_caller]
fn refused(words: &str, diagnostics: &[proto::Diagnostic]) {
    let [diagnostic] = diagnostics else { panic!("one diagnostic, not {diagnostics:?}") };
    assert_eq!(diagnostic.severity(), proto::diagnostic::Severity::Error);
    let text = format!("{} {}", diagnostic.summary, diagnostic.detail);
    assert!(text.contains(words), "{words:?} is not in {text:?}");
}

fn null() -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(&Value::Null), json: Vec::new() }
}
