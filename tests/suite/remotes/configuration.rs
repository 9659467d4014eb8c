//! Where remotes are declared: in the environment, in several providers of one configuration, and in blocks that are not wholly
//! known yet.

use super::{IMAGE, image};
use crate::support::lab::Lab;

/// The image of these files under this name, with these arguments.
fn held(lab: &Lab, arguments: &str) -> String {
    image(&format!("alias = \"alpine\"\n  {}\n  {arguments}", lab.images().unified("alpine").arguments()))
}

#[test]
fn a_remote_of_the_environment_needs_no_configuration() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let run = lab
        .terraform(&held(&lab, ""))
        .env("INCUS_REMOTE", "far")
        .env("INCUS_ADDR", far.url())
        .env("INCUS_TOKEN", far.token())
        .env("INCUS_GENERATE_CLIENT_CERTS", "true")
        // Nobody is there, and nobody is asked: no proxy leads to this machine.
        .env("https_proxy", "http://127.0.0.1:9");
    run.settles();
    assert_eq!(run.state(IMAGE)["remote"], "far");
    assert_eq!(far.api().images().len(), 1);
    run.destroy().succeeds();
    let run = run.env("INCUS_GENERATE_CLIENT_CERTS", "perhaps");
    run.apply().fails_with("INCUS_GENERATE_CLIENT_CERTS is \"perhaps\", and must be true or false");
    let run = run.env("INCUS_GENERATE_CLIENT_CERTS", "false").env("INCUS_AUTHENTICATION_TYPE", "oidc");
    run.apply().fails_with("nobody has logged in to it");
    far.has_no_images();
    lab.has_no_images();
}

#[test]
fn each_provider_of_a_configuration_has_remotes_of_its_own() {
    let (Some(lab), Some(one), Some(two)) = (Lab::start(), Lab::start(), Lab::start()) else { return };
    let joined = |alias: &str, far: &Lab| {
        far.listen();
        format!(
            "provider \"incus\" {{\n  {alias}\n  generate_client_certificates = true\n  default_remote = \"far\"\n  remote {{\n    name = \"far\"\n    address = \"{}\"\n    token = \"{}\"\n    server_certificate = \"{}\"\n  }}\n}}\n",
            far.url(),
            far.token(),
            far.api().get("/1.0")["environment"]["certificate_fingerprint"].as_str().unwrap()
        )
    };
    let second = held(&lab, "provider = incus.two").replace("\"image\"", "\"second\"");
    let config = format!("{}{}{}{second}", joined("", &one), joined("alias = \"two\"", &two), held(&lab, ""));
    lab.terraform(&config).settles();
    for far in [&one, &two] {
        assert_eq!(far.api().images().len(), 1);
    }
    lab.has_no_images();
}

#[test]
fn a_remote_that_is_not_known_yet_is_waited_for() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let config = format!(
        "resource \"terraform_data\" \"made\" {{ input = \"{}\" }}\nprovider \"incus\" {{\n  generate_client_certificates = true\n  remote {{\n    name = \"far\"\n    address = terraform_data.made.output\n  }}\n}}\n{}",
        far.url(),
        held(&lab, "remote = \"far\"")
    );
    let run = lab.terraform(&config).env("INCUS_TOKEN", far.token());
    run.plan().creates(IMAGE);
    assert!(!lab.path("client/client.crt").exists(), "nothing is contacted");
    run.settles();
    assert_eq!(far.api().images().len(), 1);
    // Nor is the image taken for gone when that is so once more.
    let plan = run.run(["plan", "-replace=terraform_data.made", "-input=false", "-no-color"]);
    plan.succeeds().shows("Warning: The remote is not known yet").shows("1 to add, 0 to change, 1 to destroy");
}
