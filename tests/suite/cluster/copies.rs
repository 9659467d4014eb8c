//! Copies to a cluster and from there.

use serde_json::json;

use super::image;
use crate::support::cable::Cable;
use crate::support::cluster::Cluster;
use crate::support::lab::{Lab, free_address};
use crate::support::proxy::Proxy;

#[test]
fn every_mode_brings_images_to_a_cluster_and_from_there() {
    let (Some(cluster), Some(far)) = (Cluster::start(), Lab::start()) else { return };
    let lab = cluster.lab();
    lab.add_remote("far", &far);
    let provider = cluster.provider(&[&free_address(), cluster.addresses()[1]]);
    let run = lab.terraform(&provider);
    for (to, from) in [("cluster", "far"), ("far", "cluster")] {
        let (target, source) = if to == "far" { (&far, lab) } else { (lab, &far) };
        let files = source.images().split(&format!("from-{from}"));
        source.by_hand("base", &files);
        source.edit("base", |image| image["properties"]["stage"] = json!("tested"));
        for mode in ["pull", "push", "relay"] {
            let arguments =
                format!("alias = \"mine\"\n  remote = \"{to}\"\n  source = \"{from}:base\"\n  mode = \"{mode}\"");
            run.config(&format!("{provider}{}", image(&arguments))).settles();
            let held = target.image("mine");
            assert_eq!(
                (&held["fingerprint"], &held["properties"]["stage"]),
                (&json!(files.fingerprint), &json!("tested"))
            );
            run.destroy().succeeds();
            target.has_no_images();
        }
        source.delete_images();
    }
}

#[test]
fn an_image_is_pulled_from_a_server_at_all_its_addresses() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let files = far.images().split("alpine");
    far.by_hand("base", &files);
    for public in [true, false] {
        far.edit("base", |image| image["public"] = json!(public));
        let (proxy, cable) =
            (Proxy::start_at(&lab, &format!("proxy-{public}")), Cable::to(&far.url().replace("https://", "")));
        let copy = image("alias = \"mine\"\n  source = \"far:base\"");
        let run = proxy.terraform(&lab, &format!("{}{copy}", provider(&cable, &far)));
        proxy.on("POST", "/1.0/images").before(move |_| cable.cut());
        run.apply().succeeds();
        let copies = proxy.take_writes().into_iter().filter(|write| write == "POST /1.0/images");
        assert_eq!(copies.count(), 2, "the first address was out of reach by then");
        assert_eq!(lab.image("mine")["fingerprint"], files.fingerprint);
        run.destroy().succeeds();
    }
}

#[test]
fn an_image_is_pushed_to_a_server_at_all_its_addresses() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let files = lab.images().unified("alpine");
    lab.by_hand("base", &files);
    let (proxy, cable) = (Proxy::start(&lab), Cable::to(&far.url().replace("https://", "")));
    let copy = image("alias = \"mine\"\n  remote = \"far\"\n  source = \"local:base\"\n  mode = \"push\"");
    let run = proxy.terraform(&lab, &format!("{}{copy}", provider(&cable, &far)));
    let export = format!("/1.0/images/{}/export", files.fingerprint);
    proxy.on("POST", &export).before(move |_| cable.cut());
    run.apply().succeeds();
    assert_eq!(proxy.take_writes(), [format!("POST {export}"), format!("POST {export}")]);
    assert_eq!(far.image("mine")["fingerprint"], files.fingerprint);
    run.destroy().succeeds();
}

/// A provider whose remote `far` has two addresses: behind the cable, and its own.
fn provider(cable: &Cable, far: &Lab) -> String {
    format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"far\"\n    address = \"https://{}, {}\"\n  }}\n}}\n",
        cable.address(),
        far.url()
    )
}
