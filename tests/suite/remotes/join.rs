//! Joining a server by a token, and that no secret is seen anywhere.

use std::path::Path;

use super::{IMAGE, image, opened, unzipped};
use crate::support::lab::Lab;

const JOINING: &str = "generate_client_certificates = true";

fn held(lab: &Lab) -> String {
    image(&format!("alias = \"alpine\"\n  remote = \"far\"\n  {}", lab.images().unified("alpine").arguments()))
}

/// How many clients the daemon trusts.
fn clients(far: &Lab) -> usize {
    far.api().get("/1.0/certificates").as_array().unwrap().len()
}

#[test]
fn a_token_of_the_environment_joins_once_and_may_then_go_or_stay() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let config = format!("{}{}", opened(&far, JOINING, ""), held(&lab));
    let run = lab.terraform(&config).env("INCUS_TOKEN", far.token());
    run.plan().creates(IMAGE);
    run.settles();
    assert_eq!(clients(&far), 1);
    lab.terraform(&format!("{}{}", opened(&far, "", ""), held(&lab))).plan().creates(IMAGE);
    run.destroy().succeeds();
    far.has_no_images();
}

#[test]
fn a_token_of_an_ephemeral_variable_joins_and_a_spent_one_does_no_harm() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let variable = "variable \"token\" {\n  type = string\n  ephemeral = true\n  sensitive = true\n}\n";
    let config = format!("{variable}{}{}", opened(&far, JOINING, "token = var.token"), held(&lab));
    let token = far.token();
    let run = lab.terraform(&config).env("TF_VAR_token", &token);
    run.settles();
    assert_eq!(clients(&far), 1);
    // Another client with the same token comes too late.
    let Some(late) = Lab::start() else { return };
    let run = late.terraform(&config).env("TF_VAR_token", &token);
    run.apply().fails_with("it does not take the token").shows("make a new one on the server").does_not_show(&token);
}

#[test]
fn a_token_of_another_server_goes_nowhere() {
    let (Some(lab), Some(far), Some(other)) = (Lab::start(), Lab::start(), Lab::start()) else { return };
    far.listen();
    other.listen();
    let token = other.token();
    let accepting = format!("{JOINING}\n  accept_remote_certificate = true");
    let named = |argument: &str| format!("{}{}", opened(&far, &accepting, argument), held(&lab));
    let run = lab.terraform(&named(&format!("token = \"{token}\"")));
    run.apply().fails_with("the token was made by another server").does_not_show(&token);
    let run = lab.terraform(&named("")).env("INCUS_TOKEN", &token);
    run.apply().fails_with("it does not trust the certificate of this client").does_not_show(&token);
    assert_eq!((clients(&far), clients(&other)), (0, 0));
    run.env("INCUS_TOKEN", "no token").apply().fails_with("INCUS_TOKEN can't be used: it is not a trust token");
}

#[test]
fn no_secret_is_logged_kept_or_planned() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    far.by_hand("base", &far.images().unified("alpine"));
    let token = far.token();
    let config = format!(
        "variable \"token\" {{\n  type = string\n  ephemeral = true\n  sensitive = true\n}}\n{}{}",
        opened(&far, JOINING, "token = var.token"),
        image("alias = \"mine\"\n  source = \"far:base\"")
    );
    let log = lab.path("trace.log");
    let run =
        lab.terraform(&config).env("TF_VAR_token", &token).env("TF_LOG_PROVIDER", "trace").env("TF_LOG_PATH", &log);
    run.plan().creates(IMAGE);
    run.apply().succeeds();
    let planned = unzipped(&run);
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let (logged, state) = (read(&log), read(&run.path("terraform.tfstate")));
    assert!(logged.contains("/1.0/certificates") && logged.contains("/secret"), "both were asked for:\n{logged}");
    assert!(planned.contains("far:base") && state.contains("far:base"), "the right files");

    let key = read(&lab.path("client/client.key"));
    let key = key.lines().find(|line| !line.starts_with("-----")).unwrap().to_owned();
    let certificate = read(&lab.path("client/servercerts/far.crt"));
    let certificate = certificate.lines().nth(1).unwrap().to_owned();
    for (name, text) in [("log", &logged), ("state", &state), ("plan", &planned)] {
        for (what, secret) in [("token", &token), ("key", &key), ("certificate", &certificate)] {
            assert!(!text.contains(secret.as_str()), "the {what} is in the {name}");
        }
        assert!(!text.contains("\"secret\"") && !text.contains("secret="), "the secret of the image is in the {name}");
    }
}

#[test]
fn only_the_token_is_sensitive_in_the_schema() {
    let Some(lab) = Lab::start() else { return };
    let shown = lab.terraform("provider \"incus\" {}\n").run(["providers", "schema", "-json"]);
    shown.succeeds();
    let schemas: serde_json::Value = serde_json::from_str(shown.stdout()).unwrap();
    let provider = &schemas["provider_schemas"]["registry.terraform.io/crystian/incus"]["provider"]["block"];
    let remote = provider["block_types"]["remote"]["block"]["attributes"].as_object().unwrap();
    let sensitive: Vec<_> = remote.iter().filter(|(_, attribute)| attribute["sensitive"] == true).collect();
    assert_eq!(sensitive.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["token"]);
}
