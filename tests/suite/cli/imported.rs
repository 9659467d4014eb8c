//! What a configuration says about an image that was imported: what the server holds already is no change, what differs is
//! changed in place, and what only a configuration knows is recorded without a write.

use serde_json::{Value, json};

use super::{ALPINE, alpine, upstream};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

/// Somebody's image under the names `alpine` and `more`, no setting of which is what it would be without a word.
struct Theirs {
    lab: Lab,
    proxy: Proxy,
    files: ImageFiles,
    held: Value,
}

impl Theirs {
    fn made_by_hand() -> Option<Self> {
        let lab = Lab::start()?;
        let files = lab.images().split("alpine");
        lab.by_hand("alpine", &files);
        lab.incus(["image", "alias", "create", "more", &files.fingerprint, "--description", "their words"]);
        lab.edit("alpine", |image| {
            image["properties"] = json!({"os": "Theirs"});
            image["public"] = json!(true);
            image["auto_update"] = json!(true);
            image["profiles"] = json!([]);
            image["expires_at"] = json!("2099-01-01T00:00:00Z");
        });
        let (proxy, held) = (Proxy::start(&lab), lab.image("alpine"));
        Some(Self { lab, proxy, files, held })
    }

    /// A workspace with these arguments and the image, which it has imported.
    #[track_caller]
    fn imported(&self, arguments: &str) -> Workspace {
        let run = self.proxy.terraform(&self.lab, &alpine(&format!("alias = \"alpine\"\n  {arguments}")));
        run.import(ALPINE, "alias=alpine").succeeds();
        run
    }

    #[track_caller]
    fn is_untouched(&self) {
        assert_eq!(self.proxy.take_writes(), Vec::<String>::new());
        assert_eq!(self.lab.image("alpine"), self.held);
    }
}

#[test]
fn what_the_server_holds_is_no_change() {
    let Some(theirs) = Theirs::made_by_hand() else { return };
    let place = "remote = \"local\"\n  project = \"default\"";
    let settings = "properties = { os = \"Theirs\" }
  public = true
  auto_update = true
  profiles = []
  expires_at = \"2099-01-01T01:00:00+01:00\"";
    let content = format!("fingerprint = \"{}\"\n  architecture = \"amd64\"", theirs.files.fingerprint);
    for arguments in ["", place, settings, &content] {
        theirs.imported(arguments).plan().is_empty();
        theirs.is_untouched();
    }
}

#[test]
fn settings_that_differ_are_changed_in_place() {
    let Some(theirs) = Theirs::made_by_hand() else { return };
    let run = theirs.imported(
        "properties = { os = \"Mine\", stage = \"test\" }
  public = false
  auto_update = false
  profiles = [\"default\"]
  expires_at = \"never\"",
    );
    run.plan().updates(ALPINE).shows("\"Theirs\" -> \"Mine\"").shows("+ \"stage\"");
    run.settles();
    let now = theirs.lab.image("alpine");
    assert_eq!(now["properties"], json!({"os": "Mine", "stage": "test"}));
    assert_eq!((&now["public"], &now["auto_update"]), (&json!(false), &json!(false)));
    assert_eq!(now["profiles"], json!(["default"]));
    assert_eq!(now["expires_at"], "1970-01-01T00:00:00Z");
    for same in ["fingerprint", "uploaded_at", "aliases"] {
        assert_eq!(now[same], theirs.held[same], "{same}");
    }
}

#[test]
fn names_that_it_has_are_claimed_without_a_write() {
    let Some(theirs) = Theirs::made_by_hand() else { return };
    let run = theirs.imported("aliases = [\"more\"]\n  alias_descriptions = { more = \"their words\" }");
    run.plan().updates(ALPINE);
    run.settles();
    theirs.is_untouched();

    let described = "aliases = [\"more\"]\n  alias_descriptions = { alpine = \"mine\", more = \"mine too\" }";
    run.config(&alpine(&format!("alias = \"alpine\"\n  {described}"))).settles();
    let said = json!([{"name": "alpine", "description": "mine"}, {"name": "more", "description": "mine too"}]);
    assert_eq!(theirs.lab.image("alpine")["aliases"], said);
    run.config(&alpine("alias = \"alpine\"")).settles();
    assert_eq!(theirs.lab.image("alpine")["aliases"], json!([{"name": "alpine", "description": ""}]));
}

#[test]
fn names_that_it_lacks_are_given_to_it() {
    let Some(theirs) = Theirs::made_by_hand() else { return };
    let run = theirs.imported("aliases = [\"mine\"]\n  alias_descriptions = { alpine = \"the good one\" }");
    run.plan().updates(ALPINE);
    run.settles();
    let names = json!([
        {"name": "alpine", "description": "the good one"},
        {"name": "more", "description": "their words"},
        {"name": "mine", "description": ""},
    ]);
    assert_eq!(theirs.lab.image("alpine")["aliases"], names, "the name that is not configured stays theirs");
}

#[test]
fn what_only_the_configuration_knows_is_recorded_without_a_write() {
    let Some(theirs) = Theirs::made_by_hand() else { return };
    let known = "alias_conflict = \"take_over\"
  adopt_existing = true
  keep_on_destroy = false
  timeouts { read = \"1m\" }";
    let run = theirs.imported(&format!("{}\n  {known}", theirs.files.arguments()));
    run.plan().updates(ALPINE);
    run.settles();
    theirs.is_untouched();
    let state = run.state(ALPINE);
    assert_eq!(state["source"], theirs.files.source.to_str().unwrap());
    assert_eq!((&state["alias_conflict"], &state["adopt_existing"]), (&json!("take_over"), &json!(true)));
    assert_eq!((&state["keep_on_destroy"], &state["timeouts"]["read"]), (&json!(false), &json!("1m")));
    theirs.lab.incus(["image", "alias", "delete", "more"]);
    run.destroy().succeeds();
    theirs.lab.has_no_images();
}

#[test]
fn an_image_on_another_server_is_imported_from_there() {
    let (Some(here), Some(there)) = (Lab::start(), Lab::start()) else { return };
    there.by_hand("alpine", &there.images().unified("alpine"));
    let held = there.image("alpine");
    let provider = format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"there\"\n    address = \"unix://{}\"\n  }}\n}}\n",
        there.path("incus/unix.socket").display()
    );
    let placed = |more: &str| format!("{provider}{}", alpine(&format!("alias = \"alpine\"\n  {more}")));
    let run = here.terraform(&placed("remote = \"there\""));
    run.import(ALPINE, "there:alias=alpine").succeeds();
    run.plan().is_empty();
    run.config(&placed("")).plan().is_empty();
    assert_eq!(run.state(ALPINE)["remote"], "there", "the state wins over the default");
    assert_eq!(there.image("alpine"), held);
    here.has_no_images();
}

/// Has the daemon copy the image of the name `alpine/edge` and of this type, as somebody else would.
fn copied_by_hand(lab: &Lab, server: &SimplestreamsServer, image_type: &str) -> Value {
    let source = json!({
        "type": "image", "mode": "pull", "protocol": "simplestreams", "server": server.url(), "alias": "alpine/edge",
        "image_type": image_type,
    });
    lab.api().post("/1.0/images", &json!({"source": source, "aliases": [{"name": "alpine"}]}));
    lab.image("alpine")
}

fn copy(server: &SimplestreamsServer, more: &str) -> String {
    let arguments = format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  {more}");
    format!("{}{}", upstream(server.url()), alpine(&arguments))
}

#[test]
fn a_virtual_machine_that_others_copied_is_one() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (container, machine) = (lab.images().split("alpine"), lab.images().virtual_machine("alpine"));
    server.publish("alpine/edge", &container);
    server.publish("alpine/edge", &machine);
    let held = copied_by_hand(&lab, &server, "virtual-machine");
    let run = lab.terraform(&copy(&server, "vm = true"));
    run.import(ALPINE, "alias=alpine").succeeds();
    run.plan().is_empty();
    assert_eq!(lab.image("alpine"), held);
    run.config(&copy(&server, "")).plan().updates(ALPINE).shows("true -> false");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], container.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_copy_that_others_made_may_be_kept_up_to_date_from_then_on() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let held = copied_by_hand(&lab, &server, "container");
    let run = lab.terraform(&copy(&server, ""));
    run.import(ALPINE, "alias=alpine").succeeds();
    run.plan().is_empty();
    run.config(&copy(&server, "refresh = true")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), held, "there is nothing newer");

    let second = lab.images().version(2).split("alpine");
    server.publish("alpine/edge", &second);
    run.plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_copy_that_others_made_needs_no_source() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let held = copied_by_hand(&lab, &server, "container");
    let provider = upstream(server.url());
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &format!("{provider}{}", alpine("alias = \"alpine\"")));
    run.import(ALPINE, "alias=alpine").succeeds();
    assert_eq!(run.state(ALPINE)["source"], "upstream:alpine/edge");
    run.plan().is_empty();
    run.config(&copy(&server, "")).plan().is_empty();
    assert_eq!(proxy.take_writes(), Vec::<String>::new());
    assert_eq!(lab.image("alpine"), held);
}
