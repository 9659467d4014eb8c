//! The functions, in the expressions of a real configuration.

use crate::support::lab::Lab;

#[test]
fn an_image_is_pinned_to_what_its_files_are() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let [metadata, rootfs] = image.paths()[..] else { panic!("two files") };
    let run = lab.terraform(&format!(
        r#"
locals {{
  fingerprint = provider::incus::image_fingerprint({metadata:?}, {rootfs:?})
}}
resource "incus_image" "alpine" {{
  alias       = "alpine"
  fingerprint = local.fingerprint
  {}
}}
output "fingerprint" {{
  value = local.fingerprint
}}"#,
        image.arguments()
    ));
    run.settles();
    assert_eq!(run.outputs()["fingerprint"], image.fingerprint.as_str());
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn the_argument_that_is_wrong_is_shown() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&format!(
        r#"
output "fingerprint" {{
  value = provider::incus::image_fingerprint({:?}, "absent.root")
}}"#,
        image.source
    ));
    run.apply().fails_with("Invalid value for \"rootfs\" parameter").shows("Unable to read absent.root");
    run.apply().fails_with("relative to the working directory.").does_not_show("directory..");
    run.config("output \"fingerprint\" {\n  value = provider::incus::image_fingerprint()\n}");
    run.validate().fails_with("Not enough function arguments");
}
