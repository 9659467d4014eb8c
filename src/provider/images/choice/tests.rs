//! Which of the images of one name is taken.

use serde_json::{Value as Json, json};

use super::*;
use crate::incus::ImageType::{self, Container, VirtualMachine};
use crate::provider::images::found::in_catalog;

/// An image server with an image of each type and architecture, all of one name.
fn server(images: &[(ImageType, &str)]) -> Catalog {
    let product = |(number, (image_type, architecture)): (usize, &(ImageType, &str))| -> Json {
        let item = json!({
            "ftype": "incus_combined.tar.gz", "combined_type": image_type.as_str(), "path": "i", "size": 1,
            "sha256": format!("{number:064}"),
        });
        json!({"aliases": "alpine", "arch": architecture, "versions": {"20260101": {"items": {"i": item}}}})
    };
    Catalog::of_products(&images.iter().enumerate().map(product).collect::<Vec<_>>())
}

fn taken(images: &[(ImageType, &str)], native: &[&str]) -> Vec<String> {
    let native: Vec<_> = native.iter().map(|&native| native.to_owned()).collect();
    let server = server(images);
    let preferred = preferred(in_catalog(&server), &native);
    preferred.into_iter().map(|image| format!("{} for {}", image.image_type, image.architecture)).collect()
}

#[test]
fn a_container_for_the_servers_own_architecture_comes_first() {
    let images = [(VirtualMachine, "x86_64"), (Container, "aarch64"), (Container, "i686"), (Container, "x86_64")];
    assert_eq!(taken(&images, &["x86_64", "i686"]), ["container for x86_64"]);
    assert_eq!(taken(&images[..3], &["x86_64", "i686"]), ["container for i686"]);
    assert_eq!(taken(&images[..1], &["aarch64"]), ["virtual-machine for x86_64"]);
    assert_eq!(
        taken(&images[1..3], &["riscv64"]),
        ["container for aarch64", "container for i686"],
        "neither is better"
    );
    assert!(taken(&[], &["x86_64"]).is_empty());
}

#[test]
fn a_server_is_asked_only_where_its_architecture_decides() {
    let images = [(VirtualMachine, "aarch64"), (Container, "x86_64"), (Container, "x86_64")];
    let found = |images: &[(ImageType, &str)]| depends_on_architecture(&in_catalog(&server(images)));
    assert!(!found(&images) && !found(&images[..1]) && !found(&[]));
    assert!(found(&[(Container, "x86_64"), (Container, "aarch64")]));
}
