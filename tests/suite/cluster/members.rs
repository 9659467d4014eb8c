//! Which member is asked.

use super::image;
use crate::support::cable::Cable;
use crate::support::cluster::Cluster;
use crate::support::lab::free_address;

#[test]
fn a_dead_address_is_passed_over_and_if_all_are_dead_they_are_named() {
    let Some(cluster) = Cluster::start() else { return };
    let lab = cluster.lab();
    let (dead, [_, second, third]) = (free_address(), cluster.addresses());
    let files = lab.images().split("alpine");
    let held = image(&format!("alias = \"alpine\"\n  {}", files.arguments()));
    let run = lab.terraform(&format!("{}{held}", cluster.provider(&[&dead, second, third])));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], files.fingerprint, "one member's image is every member's");

    let addresses = [free_address(), free_address(), dead];
    run.config(&format!("{}{held}", cluster.provider(&addresses.each_ref().map(String::as_str))));
    let failed = run.plan();
    failed.fails_with("Unable to use remote \"cluster\"").shows("none of these addresses answers");
    for address in addresses {
        failed.shows(&format!("https://{address}: connection refused"));
    }
    failed.shows("`incus cluster list` on a member");
}

#[test]
fn a_plan_goes_on_when_the_member_in_use_is_killed() {
    let Some(cluster) = Cluster::start() else { return };
    let lab = cluster.lab();
    let images: String = (0..50)
        .map(|number| {
            let files = lab.images().version(number + 1).unified(&format!("image-{number}"));
            format!("resource \"incus_image\" \"n{number}\" {{\n  alias = \"n{number}\"\n  {}\n}}\n", files.arguments())
        })
        .collect();
    let [first, second, third] = cluster.addresses();
    let run = lab.terraform(&format!("{}{images}", cluster.provider(&[first, second, third])));
    run.settles();

    // The answers of a plan are more than twice as many bytes.
    let cable = Cable::failing(first, 15_000, cluster.killing());
    run.config(&format!("{}{images}", cluster.provider(&[cable.address(), second, third])));
    run.plan().is_empty();
    assert!(cable.is_cut(), "the member was killed while it was asked");
    run.plan().is_empty();
}
