//! Which of the images of one name is taken.

use super::*;
use crate::incus::ImageType::{self, Container, VirtualMachine};
use crate::incus::simplestreams::StreamImage;
use crate::incus::{Expiry, Fingerprint};

fn image(image_type: ImageType, architecture: &str) -> StreamImage {
    StreamImage {
        fingerprint: Fingerprint::parse(&"0".repeat(64)).unwrap(),
        image_type,
        architecture: architecture.to_owned(),
        size: 1,
        filename: String::new(),
        files: Vec::new(),
        aliases: vec!["alpine".to_owned()],
        qualified_aliases: Vec::new(),
        properties: std::collections::BTreeMap::new(),
        expires_at: Expiry::Never,
        created_at: time::OffsetDateTime::UNIX_EPOCH,
    }
}

fn taken<'a>(images: &'a [StreamImage], native: &[&str]) -> Vec<(ImageType, &'a str)> {
    let native: Vec<_> = native.iter().map(|&native| native.to_owned()).collect();
    let preferred = preferred(images.iter().map(FoundImage::from).collect(), &native);
    preferred.into_iter().map(|image| (image.image_type, image.architecture)).collect()
}

#[test]
fn a_container_for_the_servers_own_architecture_comes_first() {
    let images = [
        image(VirtualMachine, "x86_64"),
        image(Container, "aarch64"),
        image(Container, "i686"),
        image(Container, "x86_64"),
    ];
    assert_eq!(taken(&images, &["x86_64", "i686"]), [(Container, "x86_64")]);
    assert_eq!(taken(&images[..3], &["x86_64", "i686"]), [(Container, "i686")]);
    assert_eq!(taken(&images[..1], &["aarch64"]), [(VirtualMachine, "x86_64")]);
    assert_eq!(taken(&images[1..3], &["riscv64"]), [(Container, "aarch64"), (Container, "i686")], "neither is better");
    assert_eq!(taken(&[], &["x86_64"]), []);
}

#[test]
fn a_server_is_asked_only_where_its_architecture_decides() {
    let images = [image(VirtualMachine, "aarch64"), image(Container, "x86_64"), image(Container, "x86_64")];
    let found =
        |images: &[StreamImage]| depends_on_architecture(&images.iter().map(FoundImage::from).collect::<Vec<_>>());
    assert!(!found(&images) && !found(&images[..1]) && !found(&[]));
    assert!(found(&[image(Container, "x86_64"), image(Container, "aarch64")]));
}
