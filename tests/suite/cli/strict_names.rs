//! Names that newer servers refuse: said at the argument, before anything is sent. The server is one that says it is newer.

use serde_json::json;

use super::{ALPINE, alpine};
use crate::support::lab::Lab;
use crate::support::machine::not_run;
use crate::support::proxy::Proxy;
use crate::support::terraform::Workspace;

/// A proxy in front of the lab's daemon, and a workspace behind it with an image of these names.
struct Names {
    lab: Lab,
    proxy: Proxy,
    run: Workspace,
    source: String,
}

impl Names {
    fn start() -> Option<Self> {
        let lab = Lab::start()?;
        let source = lab.images().unified("alpine").arguments();
        let proxy = Proxy::start(&lab);
        let run = proxy.terraform(&lab, "");
        Some(Self { lab, proxy, run, source })
    }

    /// As [`start`](Self::start), in front of a daemon that takes nearly any name itself, as releases before 6.0.5 do.
    fn start_lenient() -> Option<Self> {
        let names = Self::start()?;
        let version = names.lab.api().get("/1.0")["environment"]["server_version"].as_str().unwrap().to_owned();
        let is_lenient =
            version.strip_prefix("6.0.").is_some_and(|patch| patch.parse().is_ok_and(|patch: u8| patch < 5));
        if !is_lenient {
            not_run(&format!("Incus {version} is strict about names; 6.0.4 is not"));
        }
        is_lenient.then_some(names)
    }

    fn configure(&self, names: &str) -> &Workspace {
        self.run.config(&alpine(&format!("{names}\n  {}", self.source)))
    }

    /// Has the server say, when it is asked next, that it is this version.
    fn server_is(&self, version: &str) {
        let mut server = self.lab.api().get("/1.0");
        server["environment"]["server_version"] = json!(version);
        self.proxy.on("GET", "/1.0").answers(&server);
    }
}

#[test]
fn a_new_image_is_not_sent_under_a_name_that_the_server_refuses() {
    let Some(image) = Names::start() else { return };
    let long = "x".repeat(65);
    for (names, version, refused, line) in [
        (
            "alias = \"with space\"",
            "6.16",
            "Incus 6.16 does not take it as a new name: it contains white space.",
            "2: alias",
        ),
        ("alias = \"a+b\"", "7.0.0", "Incus 7.0.0 does not take it as a new name: it contains +.", "2: alias"),
        (
            "alias = \"ab\"\n  aliases = [\"../a\"]",
            "6.0.5",
            "it does not begin and end with a letter from a to z or a digit. Choose another name.",
            "3:   aliases",
        ),
        ("alias = \"a\"", "6.0.6", "it has one character, and two are needed.", "2: alias"),
        (&format!("alias = \"{long}\""), "6.20.1", "it has 65 bytes, and 64 are allowed.", "2: alias"),
    ] {
        image.server_is(version);
        image.configure(names).apply().fails_with("is not possible on this server").shows(refused).shows(line);
        assert!(!image.proxy.disarm(), "the server was asked for its version");
        assert_eq!(image.proxy.take_writes(), Vec::<String>::new());
        assert!(image.run.state(ALPINE).is_null());
    }
    image.lab.has_no_images();
}

#[test]
fn servers_that_take_nearly_anything_are_not_spoken_for() {
    let Some(image) = Names::start_lenient() else { return };
    image.configure("alias = \"with space?\"\n  aliases = [\"../a\"]").settles();
    assert_eq!(image.lab.api().images()[0]["aliases"].as_array().unwrap().len(), 2);
    image.run.destroy().succeeds();
    image.proxy.take_requests();
    image.configure("alias = \"plain\"").settles();
    assert!(!image.proxy.take_requests().contains(&"GET /1.0".to_owned()), "it does not matter which version it is");
}

#[test]
fn an_old_name_stays_usable_and_a_new_one_like_it_changes_nothing() {
    let Some(image) = Names::start_lenient() else { return };
    image.configure("alias = \"with space\"").settles();
    let held = image.lab.api().images();
    image.server_is("7.0.0");
    image.configure("alias = \"with another space\"\n  public = true").apply().fails_with("it contains white space.");
    assert_eq!(image.lab.api().images(), held);

    let newer = image.lab.images().version(2).unified("alpine");
    image.server_is("7.0.0");
    image.configure("alias = \"with space\"").settles();
    assert!(image.proxy.disarm(), "a name that is there is no question");
    assert_eq!(image.lab.api().images()[0]["fingerprint"], newer.fingerprint);
}
