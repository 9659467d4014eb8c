//! Container registries as a source, of a daemon that says whether it knows them: what it is told, and what users are told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::json;

use super::{IMAGE, image, unzipped};
use crate::support::core::Core;
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;

/// A registry that is asked by nobody.
const URL: &str = "https://registry.example:5000";

/// More than the processes of one run ask who the server is.
const OFTEN: usize = 20;

fn config(helper: &str, arguments: &str) -> String {
    let block =
        format!("remote {{\n    name = \"hub\"\n    address = \"{URL}\"\n    protocol = \"oci\"\n    {helper}\n  }}");
    format!(
        "provider \"incus\" {{\n  {block}\n}}\n{}",
        image(&format!("alias = \"mine\"\n  source = \"hub:alpine:latest\"\n  {arguments}"))
    )
}

/// Has the daemon say that it is this version, with these API extensions.
fn pretend(lab: &Lab, proxy: &Proxy, version: &str, extensions: &[&str]) {
    let mut server = lab.api().get("/1.0");
    server["environment"]["server_version"] = json!(version);
    server["api_extensions"] = json!(extensions);
    for _ in 0..OFTEN {
        proxy.on("GET", "/1.0").answers(&server);
    }
}

/// A credentials helper.
fn helper(lab: &Lab, script: &str) -> PathBuf {
    let path = lab.path("helper");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_server_that_is_too_old_is_told_by_its_version() {
    let Some(lab) = Lab::start() else { return };
    let asked = lab.path("asked");
    let program = helper(&lab, &format!("touch {}", asked.display()));
    let proxy = Proxy::start(&lab);
    pretend(&lab, &proxy, "6.0.4", &[]);
    let run = proxy.terraform(&lab, &config(&format!("credentials_helper = {}", json!(program)), ""));
    run.plan()
        .fails_with("The Incus server can't copy from a registry")
        .shows(&format!("The remote \"hub\" is the registry at {URL}"))
        .shows("the Incus server of remote \"local\" has version 6.0.4")
        .shows("from 6.3 on (API extension instance_oci)");
    assert!(!asked.exists(), "nobody has to know the credentials");
}

#[test]
fn a_newer_server_gets_the_name_as_it_is_and_nobody_else_the_credentials() {
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    pretend(&lab, &proxy, "6.3", &["instance_oci"]);
    let asked = lab.path("asked");
    let answer = r#"{"ServerURL":"x","Username":"somebody","Secret":"s3cr3t/word"}"#;
    let program = helper(&lab, &format!("echo \"$1 $(cat)\" >> {}; echo '{answer}'", asked.display()));
    let log = lab.path("trace.log");
    let run = proxy.terraform(&lab, &config(&format!("credentials_helper = {}", json!(program)), "auto_update = true"));
    let run = run.env("TF_LOG_PROVIDER", "trace").env("TF_LOG_PATH", &log);
    run.plan().creates(IMAGE);
    let planned = unzipped(&run);
    assert!(!asked.exists(), "a plan needs no credentials");
    let failing = run.apply();
    failing.fails_with("Unable to copy image \"alpine:latest\"");
    assert_eq!(fs::read_to_string(&asked).unwrap(), "get registry.example:5000\n");
    assert!(proxy.take_writes().contains(&"POST /1.0/images".to_owned()));
    lab.has_no_images();

    failing.does_not_show("s3cr3t").does_not_show("somebody");
    let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let logged = read(log);
    assert!(logged.contains("/1.0/images"), "the right file:\n{logged}");
    for (name, text) in [("log", logged), ("plan", planned), ("state", read(run.path("terraform.tfstate")))] {
        assert!(!text.contains("s3cr3t") && !text.contains("somebody"), "the credentials are in the {name}");
    }
}

#[test]
fn a_helper_that_does_not_help_is_told_of_without_its_words() {
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    let with = |program: &str| config(&format!("credentials_helper = {}", json!(program)), "");
    let program = helper(&lab, "exit 3");
    let program = program.to_str().unwrap();
    let run = proxy.terraform(&lab, &with(program));
    for (script, said) in [
        ("echo s3cr3t; echo s3cr3t >&2; exit 3", "helper fails for registry.example:5000: exit status: 3"),
        ("echo s3cr3t", "helper for registry.example:5000 is not understood"),
    ] {
        pretend(&lab, &proxy, "6.3", &["instance_oci"]);
        helper(&lab, script);
        run.apply()
            .fails_with("Unable to get the credentials for remote \"hub\"")
            .shows(said)
            .shows(&format!("`echo registry.example:5000 | {program} get` shows what it says"))
            .does_not_show("s3cr3t");
        proxy.disarm();
    }
    pretend(&lab, &proxy, "6.3", &["instance_oci"]);
    run.config(&with("/nonexistent"))
        .apply()
        .fails_with("unable to run /nonexistent")
        .shows("No such file or directory");
    lab.has_no_images();
}

#[test]
fn what_a_registry_has_nothing_for_is_refused_in_the_plan() {
    let Some(lab) = Lab::start() else { return };
    let remote = json!({"name": "hub", "address": URL, "protocol": "oci"});
    let core = Core::start_with(&lab, &json!({"remote": [remote]}));
    let mut image = core.resource("incus_image");
    let arguments =
        [("vm", json!(true)), ("mode", json!("relay")), ("copy_aliases", json!(true)), ("refresh", json!(true))];
    for (argument, value) in arguments {
        let mut config = json!({"alias": "mine", "source": "hub:alpine:latest"});
        config[argument] = value;
        image.plan_failing(&config).says("The remote \"hub\" is the registry at").at(argument);
    }
    let held = json!({"alias": "mine", "remote": "hub", "source": "hub:alpine:latest"});
    image.plan_failing(&held).says("Unable to keep images on an image server").at("remote");
    let exported = json!({"alias": "alpine:latest", "remote": "hub", "path": "alpine.tar.gz"});
    core.resource("incus_image_export")
        .plan_failing(&exported)
        .says("Unable to read a registry from here")
        .at("remote");
    core.read_data_failing("incus_images", &json!({"remote": "hub"}))
        .says("Unable to list the images of a registry")
        .at("remote");
}
