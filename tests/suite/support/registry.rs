//! A container registry (OCI) on loopback, over HTTPS, as far as Incus asks one. An image there is one layer with one file. It serves
//! until the test run ends.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::web;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

#[derive(Debug)]
pub(crate) struct Registry {
    directory: TempDir,
    url: String,
    files: Files,
}

/// What is served, by its path.
type Files = Arc<Mutex<BTreeMap<String, File>>>;

#[derive(Clone, Debug)]
struct File {
    content: Vec<u8>,
    content_type: &'static str,
}

impl Registry {
    /// A registry without images.
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let tls = web::identity(&directory.path().join("server.crt"));
        let (listener, url) = web::listen(Some(&tls));
        let files = Files::default();
        let served = Arc::clone(&files);
        web::serve(listener, Some(tls), move |request, stream| answer(&request.path, stream, &served));
        let registry = Self { directory, url, files };
        registry.put("/v2/", b"{}", "application/json");
        registry
    }

    /// Puts an image there, under this name and the tag `latest`; another one of the name is then older.
    pub(crate) fn publish(&self, name: &str, content: &str) {
        let layer = self.blob(name, &self.layer(content), LAYER);
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "created": "2026-01-01T00:00:00Z",
            "config": {"Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        });
        let config = self.blob(name, config.to_string().as_bytes(), CONFIG);
        let manifest =
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}).to_string();
        for tag in ["latest", &digest(manifest.as_bytes())] {
            self.put(&format!("/v2/{name}/manifests/{tag}"), manifest.as_bytes(), MANIFEST);
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The registry's certificate, in PEM form.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.directory.path().join("server.crt")
    }

    /// The archive of a root file system with one file.
    fn layer(&self, content: &str) -> Vec<u8> {
        let root = self.directory.path().join("root");
        fs::create_dir_all(root.join("etc")).expect("a directory");
        fs::write(root.join("etc/motd"), content).expect("a file");
        let archive = Command::new("tar").args(["-c", "-f", "-", "-C"]).arg(root).arg("etc").output().expect("tar");
        assert!(archive.status.success(), "{archive:?}");
        archive.stdout
    }

    /// Serves a part of an image, and describes it as others refer to it.
    fn blob(&self, name: &str, content: &[u8], media_type: &'static str) -> Value {
        let digest = digest(content);
        self.put(&format!("/v2/{name}/blobs/{digest}"), content, "application/octet-stream");
        json!({"mediaType": media_type, "digest": digest, "size": content.len()})
    }

    fn put(&self, path: &str, content: &[u8], content_type: &'static str) {
        let file = File { content: content.to_owned(), content_type };
        self.files.lock().expect("no panic while serving").insert(path.to_owned(), file);
    }
}

fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn answer(path: &str, stream: &mut dyn Write, files: &Files) -> io::Result<()> {
    let file = files.lock().expect("no panic while serving").get(path).cloned();
    let Some(File { content, content_type }) = file else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let length = content.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&content)
}
