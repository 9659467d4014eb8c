//! What a test orders about which request. Nothing is sent here.

use std::fmt;

/// How a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error in Incus's words; the daemon does not see the request.
    Refused,
    /// The connection is cut; the daemon does not see the request.
    Cut,
    /// The daemon does what it is asked and answers; the connection is cut before the client sees it.
    Lost,
    /// The second half of the answer's body does not come.
    Short,
    /// A byte in the middle of the answer's body is another one.
    Garbled,
}

/// A request as the proxy sees it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// The process that sent it.
    pub(crate) process: i32,
}

impl Request {
    pub(super) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && (self.path == path || (path.ends_with('/') && self.path.starts_with(path)))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// What happens once, to the request after `skip` others that match.
pub(super) struct Rule {
    pub(super) matches: Box<dyn Fn(&Request) -> bool + Send>,
    pub(super) skip: usize,
    pub(super) action: Action,
}

pub(super) type Act = Box<dyn FnOnce(&Request) + Send>;

pub(super) enum Action {
    Fail(Fault),
    /// This body in place of the daemon's answer.
    Answer(String),
    Before(Act),
    After(Act),
    /// While the daemon still sends its answer, and waits for somebody to take it.
    Amid(Act),
    /// After the first half of the answer's body has gone to the client.
    Halfway(Act),
}

impl Rule {
    /// Whether this is the request meant; otherwise it is counted.
    pub(super) fn meets(&mut self, request: &Request) -> bool {
        if !(self.matches)(request) {
            return false;
        }
        let now = self.skip == 0;
        self.skip = self.skip.saturating_sub(1);
        now
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rule").field("skip", &self.skip).finish_non_exhaustive()
    }
}
