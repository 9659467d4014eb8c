//! Real images of a few hundred bytes to a few kilobytes, made from nothing and the same every time on one machine. They
//! are for storing, copying and comparing: nothing in them starts.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// 14 November 2023; every version after the first is a day younger.
const FIRST_VERSION: u64 = 1_700_000_000;

/// Makes image files in a lab's directory: describe the image first, then say in which form it is wanted. Making a name
/// again replaces its files.
#[derive(Debug, Clone)]
pub(crate) struct ImageMaker {
    directory: PathBuf,
    architecture: &'static str,
    version: u64,
}

/// The files of an image.
#[derive(Debug, Clone)]
pub(crate) struct ImageFiles {
    /// The unified image, or the metadata half of a split one.
    pub(crate) source: PathBuf,
    /// The root half of a split image.
    pub(crate) rootfs: Option<PathBuf>,
    /// What every server must call it: 64 hex digits.
    pub(crate) fingerprint: String,
}

impl ImageMaker {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, architecture: "x86_64", version: 1 }
    }

    /// Other content under the same names: versions are numbered from 1.
    pub(crate) fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// The kernel's name: `x86_64` unless said otherwise, or `aarch64`.
    pub(crate) fn architecture(mut self, architecture: &'static str) -> Self {
        self.architecture = architecture;
        self
    }

    /// A container image in one file, `NAME.tar.gz`.
    pub(crate) fn unified(&self, name: &str) -> ImageFiles {
        self.in_one_file(name, self.content(name).path(), "rootfs")
    }

    /// A container image in one file of about this many bytes, which compression does not make smaller.
    pub(crate) fn large(&self, name: &str, size: usize) -> ImageFiles {
        let content = self.content(name);
        // No need for more chance than a simple generator gives.
        let mut state = FIRST_VERSION;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 32) as u32
        });
        let noise: Vec<u8> = noise.take(size / 4).flat_map(u32::to_le_bytes).collect();
        fs::write(content.path().join("rootfs/noise"), noise).expect("a file");
        self.in_one_file(name, content.path(), "rootfs")
    }

    /// A virtual machine image in one file.
    pub(crate) fn unified_virtual_machine(&self, name: &str) -> ImageFiles {
        let content = self.content(name);
        let disk = empty_disk(&format!("{name} {}", self.version));
        fs::write(content.path().join("rootfs.img"), disk).expect("a disk");
        self.in_one_file(name, content.path(), "rootfs.img")
    }

    /// A container image in two files, `NAME.tar.xz` and `NAME.squashfs`.
    pub(crate) fn split(&self, name: &str) -> ImageFiles {
        let content = self.content(name);
        let rootfs = self.directory.join(format!("{name}.squashfs"));
        let mut mksquashfs = Command::new("mksquashfs");
        mksquashfs.arg(content.path().join("rootfs")).arg(&rootfs);
        mksquashfs.args(["-noappend", "-quiet", "-no-progress", "-all-root"]);
        run(mksquashfs.args(["-mkfs-time", "0", "-all-time", "0"]));
        self.with_metadata(name, content.path(), rootfs)
    }

    /// A virtual-machine image, `NAME.tar.xz` and `NAME.qcow2`.
    pub(crate) fn virtual_machine(&self, name: &str) -> ImageFiles {
        let disk = self.directory.join(format!("{name}.qcow2"));
        fs::write(&disk, empty_disk(&format!("{name} {}", self.version))).expect("a disk");
        self.with_metadata(name, self.content(name).path(), disk)
    }

    fn in_one_file(&self, name: &str, content: &Path, root: &str) -> ImageFiles {
        let source = self.directory.join(format!("{name}.tar.gz"));
        archive(content, &source, "gzip -n", &["metadata.yaml", root]);
        ImageFiles::of(source)
    }

    fn with_metadata(&self, name: &str, content: &Path, rootfs: PathBuf) -> ImageFiles {
        let source = self.directory.join(format!("{name}.tar.xz"));
        archive(content, &source, "xz", &["metadata.yaml"]);
        ImageFiles { fingerprint: fingerprint(&[&source, &rootfs]), source, rootfs: Some(rootfs) }
    }

    fn content(&self, name: &str) -> tempfile::TempDir {
        let content = tempfile::tempdir_in(&self.directory).expect("a directory");
        fs::create_dir_all(content.path().join("rootfs/etc")).expect("a root directory");
        fs::write(content.path().join("rootfs/etc/hostname"), format!("{name}-{}\n", self.version)).expect("a file");
        fs::write(content.path().join("metadata.yaml"), self.metadata(name)).expect("the metadata");
        content
    }

    fn metadata(&self, name: &str) -> String {
        let Self { architecture, version, .. } = self;
        let created = FIRST_VERSION + (version - 1) * 24 * 60 * 60;
        let distribution_architecture = match *architecture {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        format!(
            "architecture: {architecture}\ncreation_date: {created}\nproperties:\n  architecture: {distribution_architecture}\n  \
             description: Tiny {name}, version {version}\n  os: Tiny\n  release: {name}\n  variant: default\n"
        )
    }
}

impl ImageFiles {
    /// An image in this one file.
    pub(crate) fn of(source: PathBuf) -> Self {
        Self { fingerprint: fingerprint(&[&source]), source, rootfs: None }
    }

    /// The arguments that name these files in a configuration: `source = "…"`, and `rootfs = "…"` for a split image.
    pub(crate) fn arguments(&self) -> String {
        let rootfs = self.rootfs.as_ref().map(|rootfs| format!("\n  rootfs = \"{}\"", rootfs.display()));
        format!("source = \"{}\"{}", self.source.display(), rootfs.unwrap_or_default())
    }

    /// The same metadata with the root half of another image.
    pub(crate) fn with_rootfs(&self, other: &ImageFiles) -> ImageFiles {
        let rootfs = other.rootfs.clone().expect("a split image");
        ImageFiles {
            fingerprint: fingerprint(&[&self.source, &rootfs]),
            source: self.source.clone(),
            rootfs: Some(rootfs),
        }
    }

    /// Every file, in the order in which they make the fingerprint.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        std::iter::once(self.source.as_path()).chain(self.rootfs.as_deref()).collect()
    }
}

fn archive(content: &Path, target: &Path, compressor: &str, members: &[&str]) {
    let mut tar = Command::new("tar");
    tar.args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"]);
    tar.args(["--use-compress-program", compressor, "--create", "--file"]).arg(target);
    run(tar.arg("--directory").arg(content).args(members));
}

fn run(command: &mut Command) {
    let output = command.output().expect("a command of the machine");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The sha256 of all files one after the other, as Incus computes it.
fn fingerprint(files: &[&Path]) -> String {
    let mut digest = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    for file in files {
        let mut file = fs::File::open(file).expect("a file");
        while let length @ 1.. = file.read(&mut chunk).expect("a file") {
            digest.update(&chunk[..length]);
        }
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A valid, empty qcow2 disk of 1 MiB (version 2: header, refcount table, one refcount block, first-level table), with a
/// note at its end to tell disks apart.
fn empty_disk(note: &str) -> Vec<u8> {
    const CLUSTER_BITS: u32 = 16;
    const CLUSTER: u64 = 1 << CLUSTER_BITS;
    let mut header = b"QFI\xfb".to_vec();
    header.extend(2_u32.to_be_bytes()); // version
    header.extend([0; 12]); // no backing file
    header.extend(CLUSTER_BITS.to_be_bytes());
    header.extend((1_u64 << 20).to_be_bytes()); // size in bytes
    header.extend([0; 4]); // no encryption
    header.extend(1_u32.to_be_bytes()); // entries of the first-level table
    header.extend((3 * CLUSTER).to_be_bytes()); // where it begins
    header.extend(CLUSTER.to_be_bytes()); // where the refcount table begins
    header.extend(1_u32.to_be_bytes()); // its clusters
    header.extend([0; 12]); // no snapshots
    let cluster = usize::try_from(CLUSTER).expect("a small number");
    let mut disk = header;
    disk.resize(4 * cluster, 0);
    disk[cluster..cluster + 8].copy_from_slice(&(2 * CLUSTER).to_be_bytes());
    for used in 0..4 {
        disk[2 * cluster + 2 * used + 1] = 1;
    }
    let note_begins = disk.len() - note.len();
    disk[note_begins..].copy_from_slice(note.as_bytes());
    disk
}

/// Whether the provider has begun to create this image, as a server shows it, and not finished that.
pub(crate) fn is_unfinished(image: &Value) -> bool {
    let properties = image["properties"].as_object().expect("properties");
    properties.keys().any(|name| name.starts_with("user.terraform.creating"))
}
