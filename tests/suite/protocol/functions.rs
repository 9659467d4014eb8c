//! The functions, called as core calls them: also before anything is configured.

use std::fs;

use serde_json::json;

use crate::support::core::Core;
use crate::support::images::ImageMaker;

#[test]
fn image_fingerprint_is_what_incus_will_say() {
    let folder = tempfile::tempdir().unwrap();
    let images = ImageMaker::new(folder.path().to_owned());
    let (unified, split) = (images.unified("unified"), images.split("split"));
    let core = Core::at_home(folder.path());
    let call = |arguments: &[&std::path::Path]| {
        core.call("image_fingerprint", &arguments.iter().map(|path| json!(path)).collect::<Vec<_>>())
    };
    assert_eq!(call(&[&unified.source]), json!(unified.fingerprint));
    assert_eq!(call(&split.paths()), json!(split.fingerprint));

    // As the arguments of a resource, and as `incus image export` names the halves.
    let [metadata, root] = split.paths()[..] else { panic!("two files") };
    fs::copy(metadata, folder.path().join("exported")).unwrap();
    fs::copy(root, folder.path().join("exported.root")).unwrap();
    assert_eq!(core.call("image_fingerprint", &[json!("~/exported")]), json!(split.fingerprint));
    let both = [json!("~/exported"), json!("~/exported.root")];
    assert_eq!(core.call("image_fingerprint", &both), json!(split.fingerprint));
    core.configure(&json!({}));
    assert_eq!(core.call("image_fingerprint", &both), json!(split.fingerprint), "configured or not");
    core.shutdown();
}

#[test]
fn image_fingerprint_blames_the_file_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let present = folder.path().join("present");
    fs::write(&present, "an image").unwrap();
    let core = Core::at_home(folder.path());
    let fails = |arguments: &[_]| core.call_failing("image_fingerprint", arguments);
    fails(&[json!("~/absent")]).at(0).says("absent: There is no such file. Check the path");
    fails(&[json!("~/absent"), json!(present)]).at(0).says("absent");
    fails(&[json!(present), json!("~/absent")]).at(1).says("Unable to read").says("absent: There is no such file");
    fails(&[json!(present), json!(folder.path())]).at(1).says("it is a directory");
    fails(&[json!(folder.path())]).at(0).says("it is a directory");
    fails(&[json!("")]).at(0).says("this one is empty");
    fails(&[json!(present), json!("")]).at(1).says("this one is empty");
    fails(&[json!(present), json!(present), json!(present)]).at(2).says("An image has two files at most");
}
