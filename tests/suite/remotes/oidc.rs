//! Servers that know their clients by the tokens of an identity provider, as the `incus` client left them after logging in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{IMAGE, image, unzipped};
use crate::support::core::Core;
use crate::support::issuer::Issuer;
use crate::support::lab::Lab;

/// A client beside an identity provider, and a daemon that takes its tokens: its remote `far`, as the `incus` client writes it down.
fn start(issuer: &Issuer) -> Option<(Lab, Lab)> {
    let (lab, far) = (Lab::start_near(issuer)?, Lab::start_near(issuer)?);
    issuer.vouches_at(&far);
    knows(&lab, &far);
    Some((lab, far))
}

fn knows(lab: &Lab, far: &Lab) {
    lab.client_config(&format!(
        "remotes:\n  far:\n    addr: {}\n    auth_type: oidc\n    protocol: incus\n",
        far.url()
    ));
    fs::create_dir_all(lab.path("client/servercerts")).unwrap();
    fs::create_dir_all(lab.path("client/oidctokens")).unwrap();
    let server = far.api().get("/1.0");
    fs::write(lab.path("client/servercerts/far.crt"), server["environment"]["certificate"].as_str().unwrap()).unwrap();
}

fn file(lab: &Lab) -> PathBuf {
    lab.path("client/oidctokens/far.json")
}

fn log_in(lab: &Lab, login: &Value) {
    fs::write(file(lab), login.to_string()).unwrap();
}

fn login(lab: &Lab) -> Value {
    serde_json::from_slice(&fs::read(file(lab)).unwrap()).unwrap()
}

fn held(lab: &Lab) -> String {
    image(&format!("alias = \"alpine\"\n  remote = \"far\"\n  {}", lab.images().unified("alpine").arguments()))
}

#[test]
fn the_login_of_the_incus_client_is_enough() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    let valid = issuer.login(3600);
    log_in(&lab, &valid);
    let run = lab.terraform(&held(&lab));
    run.settles();
    assert_eq!(far.image("alpine")["fingerprint"], run.state(IMAGE)["fingerprint"]);
    assert_eq!((issuer.renewals(), login(&lab)), (0, valid), "a token that serves is left alone");
    assert!(!lab.path("client/client.crt").exists(), "no certificate is needed, and none is made");
    // A private image comes from there, too.
    lab.listen();
    let run = lab.terraform(&image("alias = \"mine\"\n  source = \"far:alpine\""));
    run.settles();
    assert_eq!(lab.image("mine")["fingerprint"], far.image("alpine")["fingerprint"]);
    run.destroy().succeeds();
}

#[test]
fn a_remote_block_says_that_the_incus_client_has_logged_in() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    lab.client_config("remotes: {}\n");
    log_in(&lab, &issuer.login(3600));
    let block = super::opened(&far, "", "authentication_type = \"oidc\"");
    let run = lab.terraform(&format!("{block}{}", held(&lab)));
    run.settles();
    run.destroy().succeeds();
    far.has_no_images();
}

#[test]
fn an_expired_token_is_renewed_once_for_many_images_and_kept() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    let expired = issuer.login(-60);
    log_in(&lab, &expired);
    let images: String = (1..=20)
        .map(|number| {
            let files = lab.images().version(number).unified(&format!("image-{number}"));
            let arguments = format!("alias = \"image-{number}\"\n  remote = \"far\"\n  {}", files.arguments());
            image(&arguments).replacen("\"image\"", &format!("\"image-{number}\""), 1)
        })
        .collect();
    let run = lab.terraform(&images);
    run.apply().succeeds().shows("20 added");
    assert_eq!((issuer.renewals(), issuer.refusals(), far.api().images().len()), (1, 0, 20));
    let renewed = login(&lab);
    for key in ["access_token", "refresh_token", "expiry"] {
        assert_ne!(renewed[key], expired[key], "{key}");
    }
    assert_eq!((&renewed["IDToken"], renewed.get("IDTokenClaims")), (&expired["IDToken"], Some(&Value::Null)));
    assert_eq!(fs::metadata(file(&lab)).unwrap().permissions().mode() & 0o777, 0o600);
    let beside: Vec<_> = fs::read_dir(lab.path("client/oidctokens")).unwrap().collect();
    assert_eq!(beside.len(), 1, "{beside:?}");

    run.plan().is_empty();
    assert!(
        lab.incus(["image", "list", "far:", "--format", "csv"]).contains("image-20"),
        "the client can go on with it"
    );
    assert_eq!((issuer.renewals(), login(&lab)), (1, renewed));
}

#[test]
fn a_token_that_is_refused_in_the_middle_is_renewed_and_so_before_what_is_sent_once() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    lab.by_hand("base", &lab.images().unified("base"));
    log_in(&lab, &issuer.login(3600));
    let core = Core::start(&lab);
    let mut uploaded = core.resource("incus_image");
    let files = lab.images().version(2).split("alpine");
    let config = json!({"alias": "alpine", "remote": "far", "source": files.source, "rootfs": files.rootfs});
    let planned = uploaded.plan(&config);
    drop(planned);
    issuer.changes_audience_at(&far);
    uploaded.apply(&config);
    assert_eq!(issuer.renewals(), 1);

    let mut relayed = core.resource("incus_image");
    let config = json!({"alias": "mine", "remote": "far", "source": "local:base", "mode": "relay"});
    issuer.changes_audience_at(&far);
    relayed.apply(&config);
    assert_eq!(issuer.renewals(), 2);
    assert_eq!(far.image("mine")["fingerprint"], lab.image("base")["fingerprint"]);
}

#[test]
fn another_process_may_have_renewed_the_login_just_now_or_long_ago() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    let config = json!({"alias": "alpine", "remote": "far", "source": lab.images().unified("alpine").source});
    for (seconds, renewals) in [(3600, 0), (-60, 1)] {
        log_in(&lab, &issuer.login(3600));
        let core = Core::start(&lab);
        let mut image = core.resource("incus_image");
        image.apply(&config);
        issuer.changes_audience_at(&far);
        log_in(&lab, &issuer.login(seconds));
        image.destroy();
        assert_eq!((issuer.renewals(), issuer.refusals()), (renewals, 0));
        far.has_no_images();
    }
}

#[test]
fn a_login_that_is_over_says_how_to_log_in_and_nothing_is_lost() {
    let issuer = Issuer::start();
    let Some((lab, _far)) = start(&issuer) else { return };
    log_in(&lab, &issuer.login(3600));
    let run = lab.terraform(&held(&lab));
    run.settles();

    log_in(&lab, &issuer.login(-60));
    issuer.ends_logins();
    run.plan()
        .fails_with("Unable to use remote \"far\"")
        .shows(&format!("the login has expired, and {} does not renew it: Session not active", issuer.url()))
        .shows("Log in anew with the `incus` client: `incus info far:`");
    run.destroy().fails_with("the login has expired");
    assert!(!run.state(IMAGE).is_null(), "nothing is lost");

    let mut unrenewable = issuer.login(-60);
    unrenewable.as_object_mut().unwrap().remove("refresh_token");
    log_in(&lab, &unrenewable);
    run.plan().fails_with("gave nothing to renew it with").shows("`incus info far:`");

    log_in(&lab, &issuer.login(3600));
    run.plan().is_empty();
}

#[test]
fn who_has_not_logged_in_is_told_where_and_how() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    let run = lab.terraform(&held(&lab));
    for text in [None, Some("{}"), Some(r#"{"IDTokenClaims":null,"IDToken":""}"#)] {
        if let Some(text) = text {
            fs::write(file(&lab), text).unwrap();
        }
        run.apply()
            .fails_with("nobody has logged in to it")
            .shows("oidctokens/far.json holds no token")
            .shows("incus remote add far ADDRESS --auth-type=oidc")
            .shows("Is `config_dir` right?");
    }
    fs::write(file(&lab), "s3cret").unwrap();
    run.apply().fails_with("does not hold tokens as the incus client keeps them").does_not_show("s3cret");
    far.has_no_images();
}

#[test]
fn what_a_server_says_about_a_fresh_login_is_told() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    log_in(&lab, &issuer.login(3600));
    let run = lab.terraform(&held(&lab));
    far.api().patch("/1.0", &json!({"config": {"oidc.audience": "others"}}));
    run.apply()
        .fails_with("it does not take the login: Failed to authenticate")
        .shows("Do oidc.client.id and oidc.audience of the server fit it?");
    far.api().patch("/1.0", &json!({"config": {"oidc.issuer": "", "oidc.client.id": "", "oidc.audience": ""}}));
    run.apply().fails_with("it does not know OpenID Connect").shows("oidc.issuer and oidc.client.id are not set there");
    far.has_no_images();
}

#[test]
fn an_identity_provider_that_is_not_trusted_here_gets_no_token() {
    let issuer = Issuer::start();
    let Some((_, far)) = start(&issuer) else { return };
    let Some(lab) = Lab::start() else { return };
    knows(&lab, &far);
    log_in(&lab, &issuer.login(-60));
    let run = lab.terraform(&held(&lab));
    run.apply()
        .fails_with(&format!("the login has expired, and {} can't be asked to renew it", issuer.url()))
        .shows("Apply again when it can be reached from here.");
    assert_eq!((issuer.renewals(), issuer.refusals()), (0, 0));
}

#[test]
fn no_token_is_logged_kept_or_planned() {
    let issuer = Issuer::start();
    let Some((lab, far)) = start(&issuer) else { return };
    log_in(&lab, &issuer.login(-60));
    let log = lab.path("trace.log");
    let run = lab.terraform(&held(&lab)).env("TF_LOG_PROVIDER", "trace").env("TF_LOG_PATH", &log);
    run.plan().creates(IMAGE);
    run.apply().succeeds();
    let planned = unzipped(&run);
    log_in(&lab, &issuer.login(-60));
    issuer.ends_logins();
    let failing = run.plan();
    let failed = failing.fails_with("the login has expired");
    let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let (logged, state) = (read(log), read(run.path("terraform.tfstate")));
    assert!(logged.contains("the login was renewed") && state.contains("alpine"), "the right files:\n{logged}");
    assert_eq!((issuer.renewals(), far.api().images().len()), (1, 1));
    for token in issuer.given() {
        failed.does_not_show(&token);
        for (name, text) in [("log", &logged), ("state", &state), ("plan", &planned)] {
            let part = token.split('.').find(|part| text.contains(part));
            assert_eq!(part, None, "a part of a token is in the {name}");
        }
    }
}
