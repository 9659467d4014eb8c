//! What the `incus` client has set up is used as it is.

use super::{IMAGE, image};
use crate::support::lab::Lab;

#[test]
fn a_remote_that_the_incus_client_joined_works_without_configuration() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let files = lab.images().unified("alpine");
    let held = |public: bool| {
        image(&format!("alias = \"alpine\"\n  remote = \"far\"\n  public = {public}\n  {}", files.arguments()))
    };
    let run = lab.terraform(&held(false));
    run.plan().creates(IMAGE);
    run.settles();
    assert_eq!(far.image("alpine")["fingerprint"], files.fingerprint);
    assert_eq!(run.state(IMAGE)["remote"], "far");
    run.config(&held(true)).settles();
    assert_eq!(far.image("alpine")["public"], true);
    lab.has_no_images();

    run.run(["state", "rm", IMAGE]).succeeds();
    run.import(IMAGE, "far:alias=alpine").succeeds();
    run.settles();
    run.destroy().succeeds();
    far.has_no_images();
}
