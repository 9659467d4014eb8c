//! Raw requests to a daemon's unix socket, so that tests see the server's own truth. Deliberately apart from the crate's
//! client: a mistake there must not hide itself.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use tokio::runtime::Runtime;

/// A blocking client of one daemon. Paths begin with `/1.0`.
#[derive(Debug)]
pub(crate) struct Api {
    client: reqwest::Client,
    runtime: Runtime,
}

impl Api {
    pub(crate) fn new(socket: &Path) -> Self {
        // Fails where another test has done it.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        // A kept connection would not notice between two requests that the daemon was restarted.
        let client = reqwest::Client::builder()
            .unix_socket(socket)
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client of a unix socket");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { client, runtime }
    }

    /// The `metadata` of a successful answer.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        self.send(&Method::GET, path, None)
    }

    /// As the other verbs: panics on an error answer; waits for the operation where the answer is one, and returns it.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        self.send(&Method::POST, path, Some(body))
    }

    /// The operation that a request begins, while it runs.
    #[track_caller]
    pub(crate) fn begin(&self, path: &str, body: &Value) -> Value {
        let answer = self.exchange(&Method::POST, path, Some(body)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(answer["type"], "async", "{path}: {answer}");
        answer["metadata"].clone()
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: &Value) -> Value {
        self.send(&Method::PUT, path, Some(body))
    }

    #[track_caller]
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Value {
        self.send(&Method::PATCH, path, Some(body))
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Value {
        self.send(&Method::DELETE, path, None)
    }

    /// Whether the server has something at this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.exchange(&Method::GET, path, None).is_ok_and(|answer| answer["type"] == "sync")
    }

    /// Every image of the default project, oldest upload first.
    #[track_caller]
    pub(crate) fn images(&self) -> Vec<Value> {
        let mut images = self.get("/1.0/images?recursion=1").as_array().cloned().expect("a list of images");
        images.sort_by_key(|image| image["uploaded_at"].to_string());
        images
    }

    /// The image that an alias of the default project points at.
    #[track_caller]
    pub(crate) fn image(&self, alias: &str) -> Value {
        let alias = self.get(&format!("/1.0/images/aliases/{}", alias.replace('/', "%2F")));
        self.get(&format!("/1.0/images/{}", alias["target"].as_str().expect("a target")))
    }

    /// The daemon's process, if it answers.
    pub(crate) fn process(&self) -> Option<u64> {
        let answer = self.exchange(&Method::GET, "/1.0", None).ok()?;
        answer["metadata"]["environment"]["server_pid"].as_u64()
    }

    /// The fingerprint that an alias of the default project points at, or what is answered instead.
    pub(crate) fn target(&self, alias: &str) -> Result<String, Value> {
        let path = format!("/1.0/images/aliases/{}", alias.replace('/', "%2F"));
        let answer = self.exchange(&Method::GET, &path, None).map_err(|error| Value::from(error.to_string()))?;
        let target = answer["metadata"]["target"].as_str().map(str::to_owned);
        target.ok_or(answer)
    }

    /// Waits until the daemon has started.
    pub(crate) fn wait_until_ready(&self, limit: Duration) -> Result<(), String> {
        let start = Instant::now();
        loop {
            match self.exchange(&Method::GET, "/internal/ready", None) {
                Ok(answer) if answer["type"] == "sync" => return Ok(()),
                Ok(answer) if start.elapsed() > limit => return Err(answer.to_string()),
                Err(error) if start.elapsed() > limit => return Err(error.to_string()),
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    #[track_caller]
    fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Value {
        let answer = self.exchange(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        match answer["type"].as_str() {
            Some("sync") => answer["metadata"].clone(),
            Some("async") => self.finished(answer["operation"].as_str().expect("an operation's path")),
            _ => panic!("{method} {path} {}: {answer}", body.unwrap_or(&Value::Null)),
        }
    }

    /// `/wait` only blocks; what became of the operation is read from the operation itself, which Incus keeps for 5 s.
    #[track_caller]
    fn finished(&self, operation: &str) -> Value {
        self.exchange(&Method::GET, &format!("{operation}/wait"), None).expect("an answer to the wait");
        let operation = self.get(operation);
        assert_eq!(operation["status"], "Success", "{operation:#}");
        operation
    }

    fn exchange(&self, method: &Method, path: &str, body: Option<&Value>) -> reqwest::Result<Value> {
        self.runtime.block_on(async {
            let mut request = self.client.request(method.clone(), format!("http://incus{path}"));
            if let Some(body) = body {
                request = request.header("Content-Type", "application/json").body(body.to_string());
            }
            let text = request.send().await?.text().await?;
            Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
        })
    }
}
