//! A release as `make dist` packs it: Terraform installs it, and it does what README says. `make dist-check` runs this, since it
//! needs the release build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::lab::Lab;
use crate::support::published::blocks;
use crate::support::simplestreams::SimplestreamsServer;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
#[ignore = "needs what `make dist` makes: `make dist-check`"]
fn a_release_is_installed_from_a_mirror_and_runs_the_example_of_readme() {
    let Some(lab) = Lab::start() else { return };
    let readme = blocks().into_iter().find(|block| block.place.starts_with("README.md:")).expect("an example");
    let upstream = SimplestreamsServer::start();
    let image = lab.images().split("alpine");
    upstream.publish("alpine/edge", &image);
    let remote = format!("{{addr: \"{}\", protocol: simplestreams, public: true}}", upstream.url());
    lab.client_config(&format!("remotes: {{images: {remote}}}"));

    let run = lab.terraform(&readme.text);
    run.write("versions.tf", "").write("cli.tfrc", &installation_from(&mirror(&lab)));
    run.run(["init", "-input=false", "-no-color"]).succeeds().shows(&format!("crystian/incus v{VERSION}"));
    run.settles().shows("1 added");
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
#[ignore = "needs what `make dist` makes: `make dist-check`"]
fn the_checksums_are_those_of_everything_beside_them() {
    let sums = fs::read_to_string(dist().join(named("SHA256SUMS"))).expect("the checksums");
    let mut summed: Vec<_> = sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, file)| file).collect();
    summed.sort_unstable();
    let platform = platform();
    let expected = [format!("{platform}.cdx.json"), format!("{platform}.zip"), "manifest.json".to_owned()];
    let mut expected = expected.map(|end| named(&end));
    expected.sort_unstable();
    assert_eq!(summed, expected);
    let check =
        Command::new("sha256sum").args(["--check", "--strict", &named("SHA256SUMS")]).current_dir(dist()).output();
    assert!(check.expect("sha256sum").status.success());
}

#[test]
#[ignore = "needs what `make dist` makes: `make dist-check`"]
fn the_same_build_is_packed_into_the_same_bytes() {
    let again = tempfile::tempdir().expect("a directory");
    let target = Command::new("scripts/target").current_dir(root()).output().expect("the target");
    let target = std::env::var("TARGET").unwrap_or_else(|_| String::from_utf8_lossy(&target.stdout).trim().to_owned());
    let packed = Command::new("scripts/dist").arg(target).env("DIST", again.path()).current_dir(root()).output();
    assert!(packed.expect("scripts/dist").status.success());
    let sums = |folder: &Path| fs::read_to_string(folder.join(named("SHA256SUMS"))).expect("the checksums");
    assert_eq!(sums(again.path()), sums(&dist()));
}

/// A mirror with the release, under the names of both registries.
fn mirror(lab: &Lab) -> PathBuf {
    let mirror = lab.path("mirror");
    let zip = named(&format!("{}.zip", platform()));
    for registry in ["registry.terraform.io", "registry.opentofu.org"] {
        let folder = mirror.join(registry).join("crystian/incus");
        fs::create_dir_all(&folder).expect("a folder");
        fs::copy(dist().join(&zip), folder.join(&zip)).expect("`make dist` has made it");
    }
    mirror
}

fn installation_from(mirror: &Path) -> String {
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n", mirror.display())
}

fn named(end: &str) -> String {
    format!("terraform-provider-incus_{VERSION}_{end}")
}

/// This machine as the registries call it.
fn platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{}_{architecture}", std::env::consts::OS)
}

fn dist() -> PathBuf {
    std::env::var_os("DIST").map_or_else(|| root().join("dist"), PathBuf::from)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
