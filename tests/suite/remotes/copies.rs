//! Copies between daemons on the network: what is asked of both, whoever asks.

use std::sync::mpsc;

use serde_json::json;

use super::{image, opened};
use crate::support::api::Api;
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;

/// With all that they tell.
const OPERATIONS: &str = "/1.0/operations?recursion=1";

#[test]
fn a_private_image_of_a_project_comes_from_there_in_every_mode() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    lab.add_remote("far", &far);
    far.incus(["project", "create", "web", "-c", "features.images=true"]);
    for (mode, kind) in [
        ("pull", "container"),
        ("push", "container"),
        ("relay", "container"),
        ("pull", "virtual-machine"),
        ("relay", "virtual-machine"),
    ] {
        let files = match kind {
            "container" => far.images().unified("alpine"),
            _ => far.images().unified_virtual_machine("ubuntu"),
        };
        let path = files.source.to_str().unwrap();
        far.incus(["image", "import", path, "--alias", "base", "--project", "web", "stage=tested"]);
        let run = lab.terraform(&image(&format!(
            "alias = \"mine\"\n  source = \"far:base\"\n  source_project = \"web\"\n  mode = \"{mode}\"\n  vm = {}",
            kind == "virtual-machine"
        )));
        run.settles();
        let held = lab.image("mine");
        assert_eq!((&held["fingerprint"], &held["type"]), (&json!(files.fingerprint), &json!(kind)), "{mode}");
        assert_eq!((&held["properties"]["stage"], &held["public"]), (&json!("tested"), &json!(false)), "{mode}");
        run.destroy().succeeds();
        lab.has_no_images();
        far.api().delete(&format!("/1.0/images/{}?project=web", files.fingerprint));
    }
}

#[test]
fn the_secret_of_an_image_is_in_no_log_and_serves_nobody_afterwards() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let files = far.images().unified("alpine");
    far.by_hand("base", &files);
    let (proxy, beside, log) = (Proxy::start(&lab), Proxy::start(&far), lab.path("trace.log"));
    let run = proxy
        .terraform(&lab, &image("alias = \"mine\"\n  source = \"far:base\""))
        .env("TF_LOG_PROVIDER", "trace")
        .env("TF_LOG_PATH", &log);
    // A secret that nobody has used is there to be looked at; without the image, nobody will use it.
    let (api, path) = (Api::new(beside.socket()), format!("/1.0/images/{}", files.fingerprint));
    let (tell, told) = mpsc::channel();
    proxy.on("POST", "/1.0/images").before(move |_| {
        tell.send(api.get(OPERATIONS)).unwrap();
        api.delete(&path);
    });
    run.apply().fails_with("Unable to copy image");
    let operations = told.recv().unwrap();
    let secret = operations["running"][0]["metadata"]["secret"].as_str().expect("a secret").to_owned();
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(logged.contains("/secret"), "it was asked for:\n{logged}");
    assert!(!logged.contains(&secret), "{secret} is in the log");
    let left = &far.api().get(OPERATIONS)["running"];
    assert!(!left.to_string().contains(&secret), "it still serves: {left:#}");
    far.by_hand("base", &files);
    run.settles();
    assert!(!std::fs::read_to_string(&log).unwrap().contains("\"secret\""));
}

#[test]
fn a_restricted_client_is_told_what_it_may_not_copy() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    far.listen();
    far.incus(["project", "create", "mine", "-c", "features.images=true"]);
    let token = far.incus(["config", "trust", "add", "joiner", "--quiet", "--restricted", "--projects", "mine"]);
    let provider = opened(&far, "generate_client_certificates = true", &format!("token = \"{}\"", token.trim()));
    let (here, there) = (lab.images().split("here"), far.images().split("there"));
    lab.by_hand("base", &here);
    far.by_hand("base", &there);
    let run = lab.terraform(&provider);
    let restricted = "it is restricted to some projects";
    for mode in ["pull", "push", "relay"] {
        let copy = |arguments: &str| {
            format!("{provider}{}", image(&format!("alias = \"mine\"\n  mode = \"{mode}\"\n  {arguments}")))
        };
        // It is hidden from this client.
        run.config(&copy("source = \"far:base\""))
            .apply()
            .fails_with("There is none in project default of remote far")
            .shows("it is empty, or the client is restricted to other projects");
        run.config(&copy("remote = \"far\"\n  source = \"local:base\"")).apply().fails_with(restricted);
        assert_eq!((lab.api().images().len(), far.api().images().len()), (1, 1), "{mode}");
        run.config(&copy("remote = \"far\"\n  project = \"mine\"\n  source = \"local:base\"")).settles();
        assert!(far.api().has(&format!("/1.0/images/{}?project=mine", here.fingerprint)), "{mode}");
        run.destroy().succeeds();
    }
}
