//! What an image carries beside its content: set, changed and taken out of the configuration, each in place.

use serde_json::{Value, json};

use super::{ALPINE, alpine};
use crate::support::lab::Lab;
use crate::support::terraform::Workspace;

/// An image from a file, whose settings are changed.
struct Image {
    lab: Lab,
    run: Workspace,
    source: String,
    uploaded_at: Value,
}

impl Image {
    fn uploaded() -> Option<Self> {
        let lab = Lab::start()?;
        let source = lab.images().unified("alpine").arguments();
        let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {source}")));
        run.settles();
        let uploaded_at = lab.image("alpine")["uploaded_at"].clone();
        Some(Self { lab, run, source, uploaded_at })
    }

    fn configure(&self, settings: &str) -> &Workspace {
        self.run.config(&alpine(&format!("alias = \"alpine\"\n  {}\n  {settings}", self.source)))
    }

    /// Applies other settings to the image that is there.
    #[track_caller]
    fn change(&self, settings: &str) -> Value {
        self.configure(settings).plan().updates(ALPINE);
        self.run.settles();
        let held = self.lab.image("alpine");
        assert_eq!(held["uploaded_at"], self.uploaded_at, "the image is not sent again");
        held
    }
}

#[test]
fn properties_are_exactly_those_configured() {
    let Some(image) = Image::uploaded() else { return };
    assert_eq!(image.change("properties = { os = \"Mine\" }")["properties"], json!({"os": "Mine"}));
    let odd = "properties = { \"user.a b\" = \"x=1&y=ü\\n\", os = \"Mine\" }";
    assert_eq!(image.change(odd)["properties"], json!({"user.a b": "x=1&y=ü\n", "os": "Mine"}));
    assert_eq!(image.change("properties = {}")["properties"], json!({}));
    image.change("properties = { os = \"Mine\" }");
    image.configure("").plan().is_empty();
    assert_eq!(image.lab.image("alpine")["properties"], json!({"os": "Mine"}), "no longer configured, they stay");
}

#[test]
fn public_goes_off_when_it_is_not_configured() {
    let Some(image) = Image::uploaded() else { return };
    assert_eq!(image.change("public = true")["public"], true);
    assert_eq!(image.change("")["public"], false);
    image.configure("public = false").plan().is_empty();
}

#[test]
fn profiles_are_exactly_those_configured() {
    let Some(image) = Image::uploaded() else { return };
    image.lab.incus(["profile", "create", "small"]);
    assert_eq!(image.change("profiles = [\"small\"]")["profiles"], json!(["small"]));
    let both = image.change("profiles = [\"small\", \"default\"]")["profiles"].clone();
    assert_eq!(both.as_array().unwrap().len(), 2, "{both}");
    assert_eq!(image.change("profiles = []")["profiles"], json!([]));
    image.configure("").plan().is_empty();
    assert_eq!(image.lab.image("alpine")["profiles"], json!([]), "no longer configured, they stay");
    assert_eq!(image.change("profiles = [\"default\"]")["profiles"], json!(["default"]));
}

#[test]
fn the_expiry_is_an_instant_however_it_is_written() {
    let Some(image) = Image::uploaded() else { return };
    image.configure("expires_at = \"never\"").plan().is_empty();
    let held = image.change("expires_at = \"2099-12-31T23:59:59Z\"");
    assert_eq!(held["expires_at"], "2099-12-31T23:59:59Z");
    image.configure("expires_at = \"2100-01-01T01:59:59+02:00\"").plan().is_empty();
    image.configure("").plan().is_empty();
    assert_eq!(image.run.state(ALPINE)["expires_at"], "2099-12-31T23:59:59Z");

    let held = image.change("expires_at = \"2098-06-01T12:00:00+02:00\"");
    assert!(["2098-06-01T12:00:00+02:00", "2098-06-01T10:00:00Z"].contains(&held["expires_at"].as_str().unwrap()));
    assert_eq!(image.run.state(ALPINE)["expires_at"], "2098-06-01T12:00:00+02:00", "as configured");
    image.change("expires_at = \"never\"");
    assert_eq!(image.run.state(ALPINE)["expires_at"], "never");
    assert_eq!(image.lab.image("alpine")["expires_at"], "1970-01-01T00:00:00Z");
}

#[test]
fn several_settings_change_at_once() {
    let Some(image) = Image::uploaded() else { return };
    let held = image.change(
        "public = true\n  profiles = []\n  properties = { os = \"Mine\" }\n  expires_at = \"2099-01-01T00:00:00Z\"\n  aliases = [\"more\"]",
    );
    assert_eq!(held["public"], true);
    assert_eq!(held["profiles"], json!([]));
    assert_eq!(held["properties"], json!({"os": "Mine"}));
    assert_eq!(held["expires_at"], "2099-01-01T00:00:00Z");
    assert_eq!(image.lab.image("more"), held);
}

#[test]
fn a_setting_that_the_server_refuses_leaves_the_rest_known() {
    let Some(image) = Image::uploaded() else { return };
    let before = image.lab.image("alpine");
    let settings = "profiles = [\"small\"]\n  properties = { os = \"Mine\" }";
    image
        .configure(settings)
        .apply()
        .fails_with("Profile 'small' doesn't exist")
        .shows("Create the profile first, or take it out of `profiles`.");
    assert_eq!(image.lab.image("alpine"), before);
    assert_eq!(image.run.state(ALPINE)["properties"], before["properties"]);
    image.lab.incus(["profile", "create", "small"]);
    assert_eq!(image.change(settings)["profiles"], json!(["small"]));
}
