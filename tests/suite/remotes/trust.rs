//! Who is trusted, and what is said when somebody is not.

use serde_json::json;

use super::{IMAGE, block, image, opened};
use crate::support::lab::Lab;

/// A resource on the remote `far`.
fn held(lab: &Lab) -> String {
    image(&format!("alias = \"alpine\"\n  remote = \"far\"\n  {}", lab.images().unified("alpine").arguments()))
}

/// The SHA-256 of a daemon's certificate, by its own words.
fn fingerprint(lab: &Lab) -> String {
    lab.api().get("/1.0")["environment"]["certificate_fingerprint"].as_str().unwrap().to_owned()
}

/// The daemon's certificate, in PEM form.
fn certificate(lab: &Lab) -> String {
    lab.api().get("/1.0")["environment"]["certificate"].as_str().unwrap().to_owned()
}

/// Has the daemon trust the certificate that the client of this lab has, with these settings.
fn trusts(far: &Lab, lab: &Lab, settings: &serde_json::Value) {
    let pem = std::fs::read_to_string(lab.path("client/client.crt")).unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut body = json!({"type": "client", "name": "trusted", "certificate": der});
    body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    far.api().post("/1.0/certificates", &body);
}

#[test]
fn an_unknown_server_is_refused_with_three_ways_to_trust_it() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    lab.incus(["remote", "generate-certificate"]);
    trusts(&far, &lab, &json!({}));
    let run = lab.terraform(&format!("{}{}", opened(&far, "", ""), held(&lab)));
    let failed = run.apply();
    failed
        .fails_with("Unable to use remote \"far\"")
        .shows(&far.url())
        .shows(&format!("Its SHA-256 is {}", fingerprint(&far)))
        .shows(&format!("server_certificate = \"{}\"", fingerprint(&far)))
        .shows("accept_remote_certificate = true")
        .shows("INCUS_TOKEN");
    far.has_no_images();
    assert!(!lab.path("client/servercerts").exists(), "nothing is kept");

    // By its SHA-256, by all of it, and by the first contact: each for itself.
    let known = |certificate: &str| opened(&far, "", &format!("server_certificate = {}", json!(certificate)));
    run.config(&format!("{}{}", known(&fingerprint(&far)), held(&lab))).settles();
    run.config(&format!("{}{}", known(&certificate(&far)), held(&lab))).plan().is_empty();
    assert!(!lab.path("client/servercerts").exists(), "nothing is kept");
    run.config(&format!("{}{}", opened(&far, "accept_remote_certificate = true", ""), held(&lab))).plan().is_empty();
    assert_eq!(std::fs::read_to_string(lab.path("client/servercerts/far.crt")).unwrap(), certificate(&far));
    run.config(&format!("{}{}", opened(&far, "", ""), held(&lab))).plan().is_empty();
    run.destroy().succeeds();
}

#[test]
fn a_server_with_another_certificate_is_refused_whatever_is_accepted() {
    let (Some(lab), Some(far), Some(other)) = (Lab::start(), Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    other.listen();
    let run = lab.terraform(&held(&lab)).env("INCUS_ACCEPT_SERVER_CERTIFICATE", "true");
    run.settles();
    run.config(&format!("{}{}", opened(&other, "", ""), held(&lab)));
    run.plan()
        .fails_with("its certificate is not the one that it is known by")
        .shows(&format!("It shows {}, and {} is expected", fingerprint(&other), fingerprint(&far)))
        .shows("remove servercerts/far.crt from `config_dir` and trust the server anew");
    assert!(!run.state(IMAGE).is_null(), "nothing is lost");
    assert_eq!(std::fs::read_to_string(lab.path("client/servercerts/far.crt")).unwrap(), certificate(&far));
}

#[test]
fn a_client_that_the_server_does_not_trust_is_told_its_certificate() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let known = |provider: &str| opened(&far, provider, &format!("server_certificate = \"{}\"", fingerprint(&far)));
    let run = lab.terraform(&format!("{}{}", known(""), held(&lab)));
    run.apply()
        .fails_with("this client has no certificate")
        .shows("client.crt does not exist")
        .shows("`incus remote generate-certificate` makes it, or generate_client_certificates = true");
    run.config(&format!("{}{}", known("generate_client_certificates = true"), held(&lab)));
    run.apply()
        .fails_with("it does not trust the certificate of this client")
        .shows("`incus config trust add NAME` there prints a token")
        .shows("public = true");
    far.has_no_images();
    // The client made here is one for Incus, too.
    trusts(&far, &lab, &json!({}));
    run.settles();
    let removed = far.api().get("/1.0/certificates")[0].as_str().unwrap().to_owned();
    far.api().delete(&removed);
    run.plan().fails_with("it does not trust the certificate of this client");
    assert!(!run.state(IMAGE).is_null(), "nothing is lost");
}

#[test]
fn a_restricted_client_is_told_so() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    lab.incus(["remote", "generate-certificate"]);
    far.incus(["project", "create", "mine", "-c", "features.images=true"]);
    trusts(&far, &lab, &json!({"restricted": true, "projects": ["mine"]}));
    let provider = opened(&far, "", &format!("server_certificate = \"{}\"", fingerprint(&far)));
    let run = lab.terraform(&format!("{provider}{}", held(&lab)));
    run.apply()
        .fails_with("The server lets this client do less than that: it is restricted to some projects")
        .shows("`incus config trust edit` changes it");
    far.has_no_images();
    let mine = image(&format!(
        "alias = \"alpine\"\n  remote = \"far\"\n  project = \"mine\"\n  {}",
        lab.images().unified("alpine").arguments()
    ));
    run.config(&format!("{provider}{mine}")).settles();
    run.destroy().succeeds();
}

#[test]
fn a_project_that_the_server_does_not_have() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let run = lab.terraform(&format!("provider \"incus\" {{ project = \"nowhere\" }}\n{}", held(&lab)));
    run.apply().fails_with("Project not found").shows("Create the project first, or name another one.");
}

#[test]
fn a_certificate_that_is_over_is_told_of() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    lab.client_certificate(-2, -1);
    let run = lab.terraform(&format!("{}{}", opened(&far, "accept_remote_certificate = true", ""), held(&lab)));
    run.apply()
        .fails_with("the certificate of this client expired on")
        .shows("make new ones with `incus remote generate-certificate`, and have the server trust them");
    far.has_no_images();
}

#[test]
fn a_key_behind_a_password_is_refused() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    lab.client_certificate(-1, 1);
    let key = lab.path("client/client.key");
    let encrypted = std::process::Command::new("openssl")
        .args(["pkcs8", "-topk8", "-passout", "pass:hidden", "-in"])
        .arg(&key)
        .output()
        .expect("openssl");
    assert!(encrypted.status.success(), "{encrypted:?}");
    std::fs::write(&key, &encrypted.stdout).unwrap();
    let run = lab.terraform(&format!("{}{}", opened(&far, "accept_remote_certificate = true", ""), held(&lab)));
    run.apply().fails_with("client.key is encrypted, and nobody can be asked for its password").shows("openssl ec");
}

#[test]
fn a_public_server_is_read_by_anybody_and_written_by_nobody() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let (open, closed) = (far.images().unified("open"), far.images().version(2).unified("closed"));
    far.by_hand("open", &open);
    far.by_hand("closed", &closed);
    far.edit("open", |image| image["public"] = json!(true));
    let known = format!("public = true\n    server_certificate = \"{}\"", fingerprint(&far));
    let provider = opened(&far, "", &known);
    let copied = |name: &str| format!("{provider}{}", image(&format!("alias = \"mine\"\n  source = \"far:{name}\"")));
    let run = lab.terraform(&copied("open"));
    run.settles();
    assert_eq!(lab.image("mine")["fingerprint"], open.fingerprint);
    run.config(&copied("closed")).apply().fails_with("No image with alias closed");
    assert_eq!(lab.image("mine")["fingerprint"], open.fingerprint);
    run.config(&format!("{provider}{}", held(&lab))).plan().fails_with("Unable to keep images on a public remote");

    let listed = "data \"incus_images\" \"far\" { remote = \"far\" }\noutput \"listed\" { value = data.incus_images.far.fingerprints }\n";
    let run = lab.terraform(&format!("{provider}{listed}"));
    run.apply().succeeds();
    assert_eq!(run.outputs()["listed"], json!([open.fingerprint]));

    let exported = |name: &str| {
        let arguments = format!("remote = \"far\"\n  alias = \"{name}\"\n  path = \"files\"");
        format!("{provider}resource \"incus_image_export\" \"far\" {{\n  {arguments}\n}}\n")
    };
    let run = lab.terraform(&exported("open"));
    run.settles();
    assert_eq!(std::fs::read(run.path("files")).unwrap(), std::fs::read(&open.source).unwrap());
    run.config(&exported("closed")).apply().fails_with("No image with alias closed");
}

#[test]
fn of_a_public_server_the_default_project_is_read_whatever_the_project_elsewhere() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    far.listen();
    let open = far.images().unified("open");
    far.by_hand("open", &open);
    far.edit("open", |image| image["public"] = json!(true));
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let known = format!("public = true\n    server_certificate = \"{}\"", fingerprint(&far));
    let config = |provider: &str, lookup: &str| {
        let lookup = format!("data \"incus_images\" \"far\" {{\n  remote = \"far\"\n  {lookup}\n}}\n");
        let arguments = "remote = \"far\"\n  alias = \"open\"\n  path = \"files\"";
        let export = format!("resource \"incus_image_export\" \"far\" {{\n  {arguments}\n}}\n");
        let copy = image("alias = \"mine\"\n  source = \"far:open\"");
        format!("{}{lookup}{export}{copy}", opened(&far, provider, &known))
    };
    let run = lab.terraform(&config("project = \"web\"", ""));
    run.settles();
    assert_eq!(run.state("incus_image_export.far")["project"], "default");
    assert_eq!(run.state(IMAGE)["project"], "web");
    run.destroy().succeeds();
    let run = lab.terraform(&config("", "")).env("INCUS_PROJECT", "web");
    run.settles();
    assert_eq!(run.state(IMAGE)["project"], "web");
    for lookup in ["project = \"web\"", "all_projects = true"] {
        run.config(&config("", lookup)).plan().fails_with("Look in the project default, or take `public` out");
    }
}

#[test]
fn addresses_where_nobody_is_are_told_of() {
    let Some(lab) = Lab::start() else { return };
    lab.client_certificate(-1, 1);
    let at = |address: &str| format!("{}{}", block(address, "", ""), held(&lab));
    let run = lab.terraform(&at("https://127.0.0.1:1"));
    run.apply()
        .fails_with("Unable to use remote \"far\"")
        .shows("https://127.0.0.1:1: connection refused")
        .shows("core.https_address");
    run.config(&at("https://incus.invalid"))
        .apply()
        .fails_with("https://incus.invalid:8443: there is no machine of that name");
    // It takes connections, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", silent.local_addr().unwrap());
    run.config(&at(&format!("{address},{address}"))).apply().fails_with(&format!("{address}: no answer"));
}

#[test]
fn the_address_that_answers_is_found() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let several = format!("https://127.0.0.1:1,{}", far.url());
    let run = lab.terraform(&format!("{}{}", block(&several, "", ""), held(&lab)));
    run.settles();
    run.destroy().succeeds();
    far.has_no_images();
}
