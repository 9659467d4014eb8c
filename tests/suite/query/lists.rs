//! What is listed, held against the rules of core.

use serde_json::{Value as Json, json};

use crate::support::core::{Asked, Core, Listed};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

const ALL: Asked = Asked { limit: 100, objects: true };

/// Three images: one with two names, the oldest; one with a name; the newest, without any.
fn three_images(lab: &Lab) -> [String; 3] {
    let put = |version, names: &[&str]| {
        let files = lab.images().version(version).unified("image");
        let path = files.source.to_str().unwrap();
        lab.incus(["image", "import", path]);
        for name in names {
            lab.incus(["image", "alias", "create", name, &files.fingerprint]);
        }
        files.fingerprint
    };
    [put(1, &["oldest", "first"]), put(2, &["middle"]), put(3, &[])]
}

fn names(listed: &[Listed]) -> Vec<&str> {
    listed.iter().map(|listed| listed.display_name.as_str()).collect()
}

#[test]
fn images_are_listed_newest_first_with_what_an_import_takes() {
    let Some(lab) = Lab::start() else { return };
    let [oldest, middle, newest] = three_images(&lab);
    let core = Core::start(&lab);
    let listed = core.list("incus_image", &json!({}), ALL);
    assert_eq!(names(&listed), [&newest[..12], "middle", "first"]);
    let identity = |fingerprint: &str, alias: Json| json!({"remote": "local", "project": "default", "fingerprint": fingerprint, "alias": alias});
    let identities: Vec<_> = listed.iter().map(|listed| listed.identity.clone()).collect();
    let expected =
        [identity(&newest, Json::Null), identity(&middle, json!("middle")), identity(&oldest, json!("first"))];
    assert_eq!(identities, expected);
    assert_eq!(core.list("incus_image", &json!({}), ALL), listed, "the same every time");

    let without = core.list("incus_image", &json!({}), Asked { objects: false, ..ALL });
    assert!(without.iter().all(|listed| listed.object == Json::Null));
    for Listed { identity, object, .. } in listed {
        let mut image = core.resource("incus_image");
        image.import_identity(&identity);
        for (attribute, listed) in object.as_object().expect("an object") {
            assert_eq!(image.value(attribute), *listed, "{attribute} is listed as an import brings it");
        }
        image.plan(&image.generated()).is_noop();
    }
}

#[test]
fn a_list_is_as_long_as_its_limit_says() {
    let Some(lab) = Lab::start() else { return };
    let [.., newest] = three_images(&lab);
    let core = Core::start(&lab);
    let upto = |limit| core.list("incus_image", &json!({}), Asked { limit, objects: false });
    assert_eq!(names(&upto(1)), [&newest[..12]]);
    assert_eq!(names(&upto(2)), [&newest[..12], "middle"]);
    assert_eq!(upto(3).len(), 3);
    core.shutdown();
}

#[test]
fn filters_are_those_of_the_data_source() {
    let Some(lab) = Lab::start() else { return };
    let [oldest, middle, _] = three_images(&lab);
    lab.edit("middle", |image| image["public"] = json!(true));
    lab.incus(["project", "create", "other", "-c", "features.images=true"]);
    let core = Core::start(&lab);
    let list = |config| core.list("incus_image", &config, ALL);
    assert_eq!(names(&list(json!({"alias": "oldest"}))), ["first"]);
    assert_eq!(names(&list(json!({"name_regex": "^mid"}))), ["middle"]);
    assert_eq!(names(&list(json!({"public": true}))), ["middle"]);
    assert_eq!(names(&list(json!({"fingerprint": &oldest[..12], "type": "container"}))), ["first"]);
    assert_eq!(list(json!({"name_regex": ".", "most_recent": true}))[0].object["fingerprint"], json!(middle));
    assert_eq!(list(json!({"alias": "missing"})), []);
    assert_eq!(list(json!({"project": "other"})), []);
    let everywhere = list(json!({"all_projects": true}));
    assert_eq!(everywhere.len(), 3);
    assert!(everywhere.iter().all(|listed| listed.identity["project"] == "default"));
}

#[test]
fn what_makes_no_sense_is_refused_at_the_argument() {
    let Some(lab) = Lab::start() else { return };
    let upstream = SimplestreamsServer::start();
    let remote = json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"});
    let core = Core::start_with(&lab, &json!({"remote": [remote]}));
    let fails = |config| core.list_failing("incus_image", &config, ALL);
    fails(json!({"type": "vm"})).during("ValidateListResourceConfig").at("type");
    fails(json!({"most_recent": true})).during("ValidateListResourceConfig").at("most_recent");
    fails(json!({"remote": "lokal"})).during("ListResource").at("remote").says("lokal");
    let images = fails(json!({"remote": "upstream"}));
    images.during("ListResource").at("remote").says("which can only be copied from");
    fails(json!({"project": "missing"})).during("ListResource").at("project").says("Project not found");
}
