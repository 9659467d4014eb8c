//! What it costs to export an image of 1 GiB, beside `curl` to the same disk, and to relay one from an image server: seconds, and
//! the memory of the provider. Measures the release binary, with a real daemon; needs root.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

// Only a part of the harness is needed here.
#[allow(dead_code, unused_imports)]
#[path = "../tests/suite/support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use support::core::Core;
use support::images::ImageFiles;
use support::lab::Lab;
use support::simplestreams::SimplestreamsServer;

const GIB: usize = 1 << 30;
const RUNS: usize = 5;

fn main() {
    let Some(lab) = Lab::start() else { return };
    println!("{:<52}{:>9}{:>9}{:>9}   ({RUNS} runs)", "1 GiB", "median", "least", "most");
    for (kind, image) in [("unified", unified(&lab)), ("split", split(&lab))] {
        lab.by_hand("large", &image);
        let runs: Vec<_> = (0..RUNS).map(|_| export(&lab, &image)).collect();
        row(&format!("curl, {kind}, s"), runs.iter().map(|run| run.curl).collect());
        row(&format!("curl and fsync, {kind}, s"), runs.iter().map(|run| run.curl_and_sync).collect());
        row(&format!("export, {kind}, s"), runs.iter().map(|run| run.export).collect());
        row(&format!("export / curl, {kind}"), runs.iter().map(|run| run.export / run.curl).collect());
        row(&format!("most memory of the provider, {kind}, MiB"), runs.iter().map(|run| run.memory).collect());
        lab.delete_images();
    }
    row("SHA-256 (a split image needs two), s", (0..RUNS).map(|_| hash()).collect());
    let server = SimplestreamsServer::start();
    server.publish("large", &split(&lab));
    let runs: Vec<_> = (0..RUNS).map(|_| relay(&lab, &server)).collect();
    row("relay from an image server, s", runs.iter().map(|run| run.0).collect());
    row("most memory of the provider, relay, MiB", runs.iter().map(|run| run.1).collect());
}

struct Exported {
    curl: f64,
    curl_and_sync: f64,
    export: f64,
    memory: f64,
}

fn export(lab: &Lab, image: &ImageFiles) -> Exported {
    let (target, file) = (lab.path("files/curl"), lab.path("files/export"));
    let begin = Instant::now();
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--unix-socket"]).arg(lab.path("incus/unix.socket"));
    curl.arg("--output").arg(&target).arg(format!("http://incus/1.0/images/{}/export", image.fingerprint));
    assert!(curl.status().expect("curl").success());
    let seconds = begin.elapsed().as_secs_f64();
    File::open(&target).unwrap().sync_all().unwrap();
    let curl_and_sync = begin.elapsed().as_secs_f64();
    fs::remove_file(&target).unwrap();

    let core = Core::start(lab);
    let mut resource = core.resource("incus_image_export");
    let config = json!({"fingerprint": image.fingerprint, "path": file});
    let begin = Instant::now();
    let applying = resource.begin_apply(&config);
    resource.finish(applying).unwrap_or_else(|failure| panic!("{failure}"));
    let export = begin.elapsed().as_secs_f64();
    let memory = most_memory(core.process());
    resource.destroy();
    Exported { curl: seconds, curl_and_sync, export, memory }
}

/// The least that it takes a processor to verify an export.
fn hash() -> f64 {
    let block = vec![7; 1 << 20];
    let begin = Instant::now();
    let mut hash = Sha256::new();
    (0..GIB / block.len()).for_each(|_| hash.update(&block));
    assert_eq!(hash.finalize().len(), 32);
    begin.elapsed().as_secs_f64()
}

fn relay(lab: &Lab, server: &SimplestreamsServer) -> (f64, f64) {
    let remote = json!({"name": "images", "address": server.url(), "protocol": "simplestreams"});
    let core = Core::start_with(lab, &json!({"remote": [remote]}));
    let mut image = core.resource("incus_image");
    let begin = Instant::now();
    let applying = image.begin_apply(&json!({"alias": "large", "source": "images:large", "mode": "relay"}));
    image.finish(applying).unwrap_or_else(|failure| panic!("{failure}"));
    let seconds = begin.elapsed().as_secs_f64();
    let memory = most_memory(core.process());
    image.destroy();
    (seconds, memory)
}

/// A container image in two files, the second of 1 GiB, which Incus does not look into.
fn split(lab: &Lab) -> ImageFiles {
    let small = lab.images().split("split");
    let rootfs = lab.path("files/large.squashfs");
    fill(&rootfs);
    small.with_rootfs(&ImageFiles { rootfs: Some(rootfs), ..small.clone() })
}

/// A container image in one file of 1 GiB, a tar file that is not packed.
fn unified(lab: &Lab) -> ImageFiles {
    let directory = lab.path("files/unpacked");
    fs::create_dir_all(directory.join("rootfs")).unwrap();
    fs::write(directory.join("metadata.yaml"), "architecture: x86_64\ncreation_date: 1700000000\n").unwrap();
    fill(&directory.join("rootfs/large"));
    let source = lab.path("files/large.tar");
    let mut tar = Command::new("tar");
    tar.arg("--create").arg("--file").arg(&source).arg("--directory").arg(&directory);
    assert!(tar.args(["metadata.yaml", "rootfs"]).status().expect("tar").success());
    fs::remove_dir_all(&directory).unwrap();
    ImageFiles::of(source)
}

fn fill(path: &Path) {
    let block: Vec<u8> = (0..1 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut file = File::create(path).unwrap();
    // The first bytes of a squashfs, by which Incus knows one.
    file.write_all(b"hsqs").unwrap();
    for _ in 0..GIB / block.len() {
        file.write_all(&block).unwrap();
    }
    file.sync_all().unwrap();
}

/// The most that a process has held in memory so far, in MiB.
fn most_memory(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs, on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel tells");
    let size: f64 = line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a number of KiB");
    size / 1024.0
}

fn row(name: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    println!("{name:<52}{:>9.2}{:>9.2}{:>9.2}", values[values.len() / 2], values[0], values[values.len() - 1]);
}
