//! A proxy in front of a daemon's socket. It forwards every request as it is and remembers it; those that a test names it
//! fails, answers itself, or holds until the test has done something. It knows nothing of what the requests mean.

mod forward;
mod rule;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::UnixListener;
use tokio::runtime::Runtime;

use super::core::Core;
use super::lab::Lab;
use super::terraform::Workspace;
use rule::{Action, Rule};
pub(crate) use rule::{Fault, Request};

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Proxy {
    socket: PathBuf,
    shared: Arc<Shared>,
    // Last: dropping it ends every connection.
    _runtime: Runtime,
}

#[derive(Debug)]
struct Shared {
    daemon: PathBuf,
    seen: Mutex<Vec<Request>>,
    rules: Mutex<Vec<Rule>>,
}

impl Proxy {
    /// In front of the lab's daemon.
    pub(crate) fn start(lab: &Lab) -> Self {
        Self::start_at(lab, "proxy.socket")
    }

    /// As [`start`](Self::start), with a socket of this name: a lab may have several.
    pub(crate) fn start_at(lab: &Lab, socket: &str) -> Self {
        let (socket, daemon) = (lab.path(socket), lab.path("incus/unix.socket"));
        let shared = Arc::new(Shared { daemon, seen: Mutex::default(), rules: Mutex::default() });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(async { UnixListener::bind(&socket) }).expect("a socket");
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // What goes wrong on one connection is its client's concern.
                tokio::spawn(forward::one(Arc::clone(&serving), client));
            }
        });
        Self { socket, shared, _runtime: runtime }
    }

    /// A new workspace whose provider reaches the daemon through here.
    pub(crate) fn terraform(&self, lab: &Lab, config: &str) -> Workspace {
        lab.terraform(config).env("INCUS_SOCKET", self.socket())
    }

    /// A provider at the level of the protocol, whose default remote `behind` is the daemon through here.
    pub(crate) fn core(&self, lab: &Lab) -> Core {
        let remote = json!({"name": "behind", "address": format!("unix://{}", self.socket().display())});
        Core::start_with(lab, &json!({"default_remote": "behind", "remote": [remote]}))
    }

    /// Holds the next request of this kind before the daemon sees it. What is returned waits until the request is there, and lets it go
    /// when it is dropped.
    pub(crate) fn hold(&self, method: &'static str, path: &str) -> Held {
        let (come, has_come) = channel();
        let (go_on, may_go_on) = channel::<()>();
        self.on(method, path).before(move |_| {
            let _ = come.send(());
            let _ = may_go_on.recv();
        });
        Held { has_come, _go_on: go_on }
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// The next request of this kind. A path that ends with `/` stands for all below it; queries do not count.
    pub(crate) fn on(&self, method: &'static str, path: &str) -> Matching<'_> {
        let path = path.to_owned();
        self.matching(0, move |request| request.is(method, &path))
    }

    /// The n-th request from now on, counted from 0.
    pub(crate) fn on_request(&self, n: usize) -> Matching<'_> {
        self.matching(n, |_| true)
    }

    fn matching(&self, skip: usize, matches: impl Fn(&Request) -> bool + Send + 'static) -> Matching<'_> {
        Matching { proxy: self, skip, matches: Box::new(matches) }
    }

    /// What was asked for since the last time, as `METHOD path`, in order.
    pub(crate) fn take_requests(&self) -> Vec<String> {
        lock(&self.shared.seen).drain(..).map(|request| request.to_string()).collect()
    }

    /// As [`take_requests`](Self::take_requests), without those that only read.
    pub(crate) fn take_writes(&self) -> Vec<String> {
        self.take_requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
    }

    /// Takes back what was ordered and has not happened; whether there was something.
    pub(crate) fn disarm(&self) -> bool {
        lock(&self.shared.rules).drain(..).count() > 0
    }
}

/// A request that is held until this is dropped.
pub(crate) struct Held {
    has_come: Receiver<()>,
    _go_on: Sender<()>,
}

impl Held {
    /// Waits until the request is there.
    #[track_caller]
    pub(crate) fn comes(&self) {
        self.has_come.recv_timeout(PATIENCE).expect("the request that is to be held");
    }
}

/// Requests about which something is ordered. It happens once.
pub(crate) struct Matching<'proxy> {
    proxy: &'proxy Proxy,
    skip: usize,
    matches: Box<dyn Fn(&Request) -> bool + Send>,
}

impl Matching<'_> {
    pub(crate) fn fails(self, fault: Fault) {
        self.does(Action::Fail(fault));
    }

    /// With this metadata; the daemon does not see the request.
    pub(crate) fn answers(self, metadata: &Value) {
        self.does(Action::Answer(json!({"type": "sync", "status_code": 200, "metadata": metadata}).to_string()));
    }

    /// Before the daemon sees the request.
    pub(crate) fn before(self, act: impl FnOnce(&Request) + Send + 'static) {
        self.does(Action::Before(Box::new(act)));
    }

    /// After the daemon has answered, before the client sees it.
    pub(crate) fn after(self, act: impl FnOnce(&Request) + Send + 'static) {
        self.does(Action::After(Box::new(act)));
    }

    /// While the daemon sends its answer, of which the client has got the first bytes. An answer must have more than sockets
    /// hold, some hundred KiB.
    pub(crate) fn amid(self, act: impl FnOnce(&Request) + Send + 'static) {
        self.does(Action::Amid(Box::new(act)));
    }

    /// After the daemon has answered and the client has got half of the answer's body.
    pub(crate) fn halfway(self, act: impl FnOnce(&Request) + Send + 'static) {
        self.does(Action::Halfway(Box::new(act)));
    }

    fn does(self, action: Action) {
        let Self { proxy, skip, matches } = self;
        lock(&proxy.shared.rules).push(Rule { matches, skip, action });
    }
}

impl Shared {
    /// Remembers the request, and says what was ordered about it.
    fn meet(&self, request: &Request) -> Option<Action> {
        lock(&self.seen).push(request.clone());
        let mut rules = lock(&self.rules);
        let met = rules.iter_mut().position(|rule| rule.meets(request));
        met.map(|position| rules.remove(position).action)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic while the lock is held")
}
