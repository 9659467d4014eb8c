//! Files that have not changed are not read again: the bytes that the provider reads are counted.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::support::core::Core;
use crate::support::lab::Lab;

/// Bytes of the root file: far more than all that is said on the sockets.
const SIZE: u64 = 16 * 1024 * 1024;

#[test]
fn a_file_is_read_again_only_when_it_has_changed() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    let rootfs = files.rootfs.clone().unwrap();
    // Incus keeps the root as it is.
    fs::write(&rootfs, vec![7; usize::try_from(SIZE).unwrap()]).unwrap();
    let core = Core::start(&lab);
    let config = json!({"alias": "alpine", "source": files.source, "rootfs": rootfs});
    let mut image = core.resource("incus_image");
    image.apply(&config);
    assert!(core.bytes_read() > 2 * SIZE, "it is hashed for the plan, and uploaded");

    let before = core.bytes_read();
    image.plan(&config).is_noop();
    image.plan(&json!({"alias": "mine", "source": files.source, "rootfs": rootfs})).is_update();
    let read = core.bytes_read() - before;
    assert!(read < SIZE / 16, "{read} bytes were read");

    let touched = SystemTime::now() + Duration::from_secs(1);
    fs::File::options().write(true).open(&rootfs).unwrap().set_modified(touched).unwrap();
    let before = core.bytes_read();
    image.plan(&config).is_noop();
    let read = core.bytes_read() - before;
    assert!((SIZE..2 * SIZE).contains(&read), "it is read once: {read} bytes");
    image.destroy();
}
