//! A lab: one private daemon without images, a client configuration of its own, and a place for files and workspaces. All of
//! it is gone when the value is dropped.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::api::Api;
use super::daemon::{Daemon, Restart};
use super::images::{ImageFiles, ImageMaker};
use super::issuer::Issuer;
use super::machine::{Machine, not_run, on_path};
use super::proxy::Request;
use super::registry::Registry;
use super::simplestreams::SimplestreamsServer;
use super::terraform::Workspace;
use super::web::pem;

#[derive(Debug)]
pub(crate) struct Lab {
    directory: PathBuf,
    api: Api,
    terraform: &'static Path,
    trusted_certificate: Option<PathBuf>,
    workspaces: AtomicUsize,
    // Last: dropping it removes the directory.
    daemon: Daemon,
}

impl Lab {
    /// A lab, or `None` on a machine that lacks something (which has then been said, and is a failure in CI).
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(None)
    }

    /// A lab whose daemon and clients trust the certificate of this server.
    pub(crate) fn start_trusting(server: &SimplestreamsServer) -> Option<Self> {
        Self::start_with(server.certificate())
    }

    /// A lab whose daemon and clients trust this identity provider: they reach it. Who logs in there is another matter.
    pub(crate) fn start_near(issuer: &Issuer) -> Option<Self> {
        Self::start_with(Some(issuer.certificate()))
    }

    /// A lab whose daemon trusts this registry, or `None` also where the daemon can't copy from registries (which has then been said).
    pub(crate) fn start_beside(registry: &Registry) -> Option<Self> {
        let lab = Self::start_with(Some(&registry.certificate()))?;
        let extensions = lab.api.get("/1.0")["api_extensions"].clone();
        let knows = extensions.as_array().is_some_and(|extensions| extensions.contains(&json!("instance_oci")));
        match knows && on_path("skopeo").is_some() {
            true => Some(lab),
            false => {
                not_run("the daemon does not know registries (API extension instance_oci), or `skopeo` is missing");
                None
            }
        }
    }

    fn start_with(trusted_certificate: Option<&Path>) -> Option<Self> {
        let machine = Machine::ready()?;
        // Not TMPDIR: the path of a unix socket has at most 107 bytes.
        let directory = tempfile::Builder::new().prefix("incus-").tempdir_in("/tmp").expect("a directory").keep();
        let daemon = Daemon::start(&directory, trusted_certificate);
        for subdirectory in ["client", "files", "home"] {
            fs::create_dir(directory.join(subdirectory)).expect("a directory");
        }
        let api = Api::new(daemon.socket());
        // Otherwise images that follow their source change behind a test's back.
        api.patch("/1.0", &json!({"config": {"images.auto_update_interval": "0"}}));
        Some(Self {
            directory,
            api,
            terraform: &machine.terraform,
            trusted_certificate: trusted_certificate.map(Path::to_owned),
            workspaces: AtomicUsize::new(1),
            daemon,
        })
    }

    /// The server's own truth.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    /// What restarts the daemon, from any thread.
    pub(crate) fn restart(&self) -> Restart {
        self.daemon.restart()
    }

    /// Makes image files.
    pub(crate) fn images(&self) -> ImageMaker {
        ImageMaker::new(self.path("files"))
    }

    /// A new workspace with this configuration.
    pub(crate) fn terraform(&self, config: &str) -> Workspace {
        let number = self.workspaces.fetch_add(1, Ordering::Relaxed);
        Workspace::create(self.terraform, self.path(&format!("workspace-{number}")), self.environment(), config)
    }

    /// A path in the lab's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Replaces the client configuration, `config.yml`.
    pub(crate) fn client_config(&self, yaml: &str) {
        fs::write(self.path("client/config.yml"), yaml).expect("config.yml");
    }

    /// Makes the daemon look at a simplestreams server anew: it trusts its copy of an index for an hour.
    pub(crate) fn forget_simplestreams(&self) {
        for entry in fs::read_dir(self.path("incus/cache")).expect("the daemon's cache") {
            fs::remove_dir_all(entry.expect("an entry").path()).expect("a cached index");
        }
    }

    /// The daemon's copy of the image index of the only simplestreams server that it knows.
    pub(crate) fn simplestreams_index(&self) -> PathBuf {
        let cache = fs::read_dir(self.path("incus/cache")).expect("the daemon's cache");
        let mut indexes = cache.map(|entry| entry.expect("an entry").path().join("images.json"));
        indexes.find(|index| index.is_file()).expect("an index")
    }

    /// Runs the `incus` client and returns what it says.
    #[track_caller]
    pub(crate) fn incus<I: IntoIterator<Item: Into<OsString>>>(&self, arguments: I) -> String {
        let mut incus = Command::new("incus");
        incus.args(arguments.into_iter().map(Into::into)).env_clear().envs(self.environment());
        let output = incus.output().expect("the incus client");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{incus:?}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// What runs the `incus` client when a request is met.
    pub(crate) fn incus_command<const N: usize>(&self, arguments: [&str; N]) -> impl FnOnce(&Request) + Send + use<N> {
        let mut incus = Command::new("incus");
        incus.args(arguments).env_clear().envs(self.environment());
        move |_| {
            let output = incus.output().expect("the incus client");
            assert!(output.status.success(), "{incus:?}\n{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Puts an image on the server by hand, with the `incus` client.
    #[track_caller]
    pub(crate) fn by_hand(&self, alias: &str, image: &ImageFiles) {
        let mut import = vec!["image".into(), "import".into()];
        import.extend(image.paths().into_iter().map(OsString::from));
        import.extend(["--alias".into(), alias.into()]);
        self.incus(import);
    }

    /// Makes a container of a new image in a project, which is never started.
    #[track_caller]
    pub(crate) fn instance(&self, name: &str, project: &str) {
        self.api.post("/1.0/storage-pools", &json!({"name": "default", "driver": "dir"}));
        let root = json!({"root": {"type": "disk", "path": "/", "pool": "default"}});
        self.api.patch("/1.0/profiles/default", &json!({"devices": root}));
        let files = self.images().unified("base");
        let path = files.source.to_str().expect("a path");
        self.incus(["image", "import", path, "--alias", "base", "--project", project]);
        self.incus(["init", "base", name, "--project", project]);
        self.incus(["image", "alias", "delete", "base", "--project", project]);
    }

    /// Leaves the cached copy of an image server's image, by an instance `c1` made from it.
    #[track_caller]
    pub(crate) fn caches(&self, server: &SimplestreamsServer, alias: &str) {
        if !self.api.has("/1.0/storage-pools/pool") {
            self.api.post("/1.0/storage-pools", &json!({"name": "pool", "driver": "dir"}));
        }
        let source = json!({"type": "image", "protocol": "simplestreams", "server": server.url(), "alias": alias});
        let root = json!({"type": "disk", "path": "/", "pool": "pool"});
        self.api.post("/1.0/instances", &json!({"name": "c1", "source": source, "devices": {"root": root}}));
    }

    /// Has the daemon listen on the network.
    pub(crate) fn listen(&self) {
        self.api.patch("/1.0", &json!({"config": {"core.https_address": free_address()}}));
    }

    /// Where the daemon listens on the network.
    #[track_caller]
    pub(crate) fn url(&self) -> String {
        let server = self.api.get("/1.0");
        format!("https://{}", server["config"]["core.https_address"].as_str().expect("a daemon that listens"))
    }

    /// A trust token, with which one client may join the daemon once.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        self.incus(["config", "trust", "add", "joiner", "--quiet"]).trim().to_owned()
    }

    /// Has the `incus` client of this lab join the daemon of another one, which listens from then on.
    #[track_caller]
    pub(crate) fn add_remote(&self, name: &str, other: &Lab) {
        other.listen();
        self.incus(["remote", "add", name, &other.token()]);
    }

    /// Gives the clients of this lab a certificate that is valid for these days around now.
    pub(crate) fn client_certificate(&self, from: i64, to: i64) {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key");
        let mut params = CertificateParams::default();
        params.not_before = OffsetDateTime::now_utc() + Duration::days(from);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(to);
        let certificate = params.self_signed(&key).expect("a certificate");
        for (file, pem) in
            [("crt", pem("CERTIFICATE", certificate.der())), ("key", pem("PRIVATE KEY", &key.serialize_der()))]
        {
            fs::write(self.path("client").join(format!("client.{file}")), pem).expect("a file");
        }
    }

    /// Removes every image, past whoever manages it.
    #[track_caller]
    pub(crate) fn delete_images(&self) {
        for image in self.api.images() {
            self.api.delete(&format!("/1.0/images/{}", image["fingerprint"].as_str().expect("a fingerprint")));
        }
    }

    /// Changes an image in place, as somebody else would: `change` works on what a `PUT` may set.
    #[track_caller]
    pub(crate) fn edit(&self, alias: &str, change: impl FnOnce(&mut Value)) {
        let mut image = self.image(alias);
        change(&mut image);
        let fingerprint = image["fingerprint"].as_str().expect("a fingerprint").to_owned();
        self.api.put(&format!("/1.0/images/{fingerprint}"), &image);
    }

    /// The image that an alias points at, as the server shows it.
    #[track_caller]
    pub(crate) fn image(&self, alias: &str) -> Value {
        self.api.image(alias)
    }

    /// Nothing is on the server.
    #[track_caller]
    pub(crate) fn has_no_images(&self) {
        let images = self.api.images();
        assert!(images.is_empty(), "the server still has {images:#?}");
    }

    /// What programs beside the daemon are told, and nothing else.
    pub(crate) fn environment(&self) -> Vec<(String, OsString)> {
        let mut environment = vec![
            ("HOME".to_owned(), self.path("home").into()),
            ("INCUS_CONF".to_owned(), self.path("client").into()),
            ("INCUS_DIR".to_owned(), self.path("incus").into()),
            ("PATH".to_owned(), std::env::var_os("PATH").unwrap_or_default()),
        ];
        if let Some(certificate) = &self.trusted_certificate {
            environment.push(("SSL_CERT_FILE".to_owned(), certificate.into()));
        }
        environment
    }
}

/// An address on loopback at which nobody listens.
pub(crate) fn free_address() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    free.local_addr().expect("an address").to_string()
}
