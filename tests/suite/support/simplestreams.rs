//! A simplestreams image server on loopback, over HTTP or HTTPS. The tree is made by the real `incus-simplestreams`; this
//! only serves its files, and remembers what was asked. It serves until the test run ends.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio_rustls::rustls::ServerConfig;

use super::images::ImageFiles;
use super::web;

#[derive(Debug)]
pub(crate) struct SimplestreamsServer {
    directory: TempDir,
    url: String,
    certificate: Option<PathBuf>,
    requests: Requests,
}

/// The paths asked for, in order.
type Requests = Arc<Mutex<Vec<String>>>;

impl SimplestreamsServer {
    /// A server without images that speaks plain HTTP.
    pub(crate) fn start() -> Self {
        Self::serve(tree(), None)
    }

    /// A server without images that speaks HTTPS. Who trusts its [`certificate`](Self::certificate) can reach it.
    pub(crate) fn start_https() -> Self {
        let directory = tree();
        let tls = web::identity(&directory.path().join("server.crt"));
        Self::serve(directory, Some(tls))
    }

    /// Adds an image under an alias; it must be a split one. An image of the same name is replaced as the newest version.
    pub(crate) fn publish(&self, alias: &str, image: &ImageFiles) {
        let mut add = Command::new("incus-simplestreams");
        add.arg("add").args(image.paths()).args(["--no-default-alias", "--alias", alias]);
        // The version's name is the image's creation date in local time.
        let output = add.env("TZ", "UTC").current_dir(self.directory.path()).output().expect("incus-simplestreams");
        assert!(output.status.success(), "{add:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts an image of one file where every web server would, and returns its address.
    pub(crate) fn file(&self, image: &ImageFiles) -> String {
        let name = image.source.file_name().expect("a file").to_string_lossy();
        fs::create_dir_all(self.directory.path().join("files")).expect("a directory");
        fs::copy(&image.source, self.directory.path().join("files").join(&*name)).expect("a copy");
        format!("{}/files/{name}", self.url)
    }

    /// The address of the same that tells by its headers, as Incus wants it, where the file is and what it hashes to.
    pub(crate) fn announced_file(&self, image: &ImageFiles) -> String {
        self.file(image).replace("/files/", &format!("/announced/{}/", image.fingerprint))
    }

    /// Changes a byte of a published file behind the back of the index, or changes it back.
    pub(crate) fn spoil(&self, file: &Path) {
        let original = fs::read(file).expect("a file");
        for entry in fs::read_dir(self.directory.path().join("images")).expect("the images").flatten() {
            let mut content = fs::read(entry.path()).unwrap_or_default();
            if content.get(1..) == original.get(1..) {
                content[0] ^= 1;
                fs::write(entry.path(), content).expect("a file");
            }
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The same images, each file at this pace; the index is not slowed down.
    pub(crate) fn slow_url(&self, bytes_per_second: u32) -> String {
        format!("{}/slow/{bytes_per_second}", self.url)
    }

    /// The certificate (PEM) of a server that speaks HTTPS.
    pub(crate) fn certificate(&self) -> Option<&Path> {
        self.certificate.as_deref()
    }

    /// The paths asked for so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic while serving").clone()
    }

    fn serve(directory: TempDir, tls: Option<Arc<ServerConfig>>) -> Self {
        let (listener, url) = web::listen(tls.as_ref());
        let certificate = tls.is_some().then(|| directory.path().join("server.crt"));
        let requests = Requests::default();
        let site = Site { root: directory.path().to_owned(), url: url.clone(), requests: Arc::clone(&requests) };
        web::serve(listener, tls, move |request, stream| answer(&request.path, stream, &site));
        Self { directory, url, certificate, requests }
    }
}

fn tree() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory")
}

/// What is served.
#[derive(Debug, Clone)]
struct Site {
    root: PathBuf,
    url: String,
    requests: Requests,
}

/// Answers a `GET` or `HEAD`.
fn answer(path: &str, stream: &mut dyn Write, site: &Site) -> io::Result<()> {
    site.requests.lock().expect("no panic while serving").push(path.to_owned());
    if let Some((hash, name)) = path.strip_prefix("/announced/").and_then(|rest| rest.split_once('/')) {
        let file = format!("{}/files/{name}", site.url);
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nIncus-Image-Hash: {hash}\r\nIncus-Image-URL: {file}\r\nConnection: close\r\n\r\n"
        )?;
        return Ok(());
    }
    let (pace, file) = unthrottled(path);
    // Lexical cleaning makes `/./` fine, which clients add to get past the daemon's cached index.
    match fs::read(site.root.join(file)) {
        Ok(content) => send(stream, &content, pace.filter(|_| !path.ends_with(".json"))),
        Err(_) => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}

/// Takes `/slow/N` off: the bytes per second, and the file's path below the root.
fn unthrottled(path: &str) -> (Option<usize>, &str) {
    let file = path.trim_start_matches('/');
    let slow = file.strip_prefix("slow/").and_then(|rest| rest.split_once('/'));
    slow.map_or((None, file), |(pace, file)| (pace.parse().ok(), file))
}

fn send(stream: &mut dyn Write, content: &[u8], bytes_per_second: Option<usize>) -> io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", content.len())?;
    let Some(bytes_per_second) = bytes_per_second else { return stream.write_all(content) };
    for part in content.chunks((bytes_per_second / 20).max(1)) {
        stream.write_all(part)?;
        stream.flush()?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
