//! The rule of what is tried again, after which failures and for how long. It only judges; `transport` tries.
//!
//! When a member of a cluster dies, the others need a while to choose a new leader. Until then they answer late (6.0.4: after up to
//! 16 s), and some answers are errors that pass.

use std::time::Duration;

use http::{Method, header};

use crate::incus::requests::Request;
use crate::incus::{Error, Obstacle, Reason};

/// Waits before the first attempts that follow; the last one stays.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(300), Duration::from_secs(1)];

/// What a second attempt does if the first one has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it only asks.
    Read,
    /// Nothing: it holds only for what is still as it was read.
    Guarded,
    /// The same once more, such as a second image.
    Write,
}

/// Who is to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    /// The daemon of this machine.
    Local,
    /// One on the network. It has answered before: it may be restarting.
    Remote,
    /// Several with the same images. One has answered before.
    Cluster,
}

/// A failure that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// There was no connection: nothing was sent.
    Unsent,
    /// The connection broke: what was sent may have arrived.
    Broken,
    /// The server is only starting, or a cluster is about to note that a member is gone.
    Unsettled,
}

impl Effect {
    pub(super) fn of(request: &Request) -> Self {
        match *request.method() {
            Method::GET => Self::Read,
            _ if request.headers().contains_key(header::IF_MATCH) => Self::Guarded,
            _ => Self::Write,
        }
    }
}

impl Server {
    /// How long after the first failure an attempt may begin, about.
    const fn patience(self) -> Duration {
        Duration::from_secs(match self {
            Self::Local => 1,
            Self::Remote => 10,
            Self::Cluster => 30,
        })
    }
}

impl Failure {
    /// Nothing for one that lasts.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Unreachable { obstacle, .. } => Self::at(*obstacle),
            Error::Interrupted { .. } => Some(Self::Broken),
            Error::Server { status, message, .. } if is_unsettled(*status, message) => Some(Self::Unsettled),
            Error::Contact(contact) => match &contact.reason {
                Reason::Unreachable { obstacle, .. } => Self::at(*obstacle),
                Reason::NobodyAnswers(_) => Some(Self::Unsent),
                Reason::Other(error) => Self::of(error),
                _ => None,
            },
            _ => None,
        }
    }

    fn at(obstacle: Obstacle) -> Option<Self> {
        match obstacle {
            Obstacle::Refused | Obstacle::Closed | Obstacle::Silence | Obstacle::Other => Some(Self::Unsent),
            Obstacle::Missing | Obstacle::Forbidden | Obstacle::Unresolvable => None,
        }
    }
}

/// Whether an answer only says that the server can't answer now. By its words, because the status does not tell (6.0.4).
pub(super) fn is_unsettled(status: u16, message: &str) -> bool {
    status == 503
        || (status >= 500
            && ["Missing event connection", "isn't ready yet"].iter().any(|words| message.contains(words)))
}

/// Whether another address of the same server may let us in where this one did not.
pub(super) fn is_elsewhere_better(reason: &Reason) -> bool {
    match reason {
        Reason::Unreachable { .. } => true,
        Reason::Other(error) => Failure::of(error).is_some(),
        _ => false,
    }
}

/// How long to wait before the next attempt, which is number `number` after the first; nothing if there is to be none. The first
/// failure was `since` ago.
pub(super) fn pause(
    effect: Effect,
    server: Server,
    failure: Failure,
    number: usize,
    since: Duration,
) -> Option<Duration> {
    let is_harmless = match server {
        Server::Local => (effect, failure) == (Effect::Read, Failure::Unsent),
        Server::Remote | Server::Cluster => failure == Failure::Unsent || effect != Effect::Write,
    };
    let [.., longest] = PAUSES;
    (is_harmless && since < server.patience()).then(|| PAUSES.get(number).copied().unwrap_or(longest))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::incus::requests;
    use crate::incus::{Alias, AliasEntry, Fingerprint, ImageType, Project};

    const FAILURES: [Failure; 3] = [Failure::Unsent, Failure::Broken, Failure::Unsettled];

    /// After which failures there is a next attempt.
    fn tried(effect: Effect, server: Server) -> Vec<Failure> {
        let is_tried = |failure: &Failure| pause(effect, server, *failure, 0, Duration::ZERO).is_some();
        FAILURES.into_iter().filter(is_tried).collect()
    }

    #[test]
    fn what_may_have_been_done_is_not_done_twice() {
        for server in [Server::Remote, Server::Cluster] {
            assert_eq!(tried(Effect::Read, server), FAILURES);
            assert_eq!(tried(Effect::Guarded, server), FAILURES);
            assert_eq!(tried(Effect::Write, server), [Failure::Unsent]);
        }
    }

    #[test]
    fn of_the_local_daemon_only_reads_are_tried_again_where_nobody_answered() {
        assert_eq!(tried(Effect::Read, Server::Local), [Failure::Unsent]);
        assert_eq!(tried(Effect::Guarded, Server::Local), []);
        assert_eq!(tried(Effect::Write, Server::Local), []);
    }

    #[test]
    fn a_cluster_gets_half_a_minute_a_restart_less_and_a_daemon_that_is_down_a_moment() {
        for (server, seconds) in [(Server::Local, 1), (Server::Remote, 10), (Server::Cluster, 30)] {
            let after = |since| pause(Effect::Read, server, Failure::Unsent, 7, since);
            let limit = Duration::from_secs(seconds);
            assert_eq!(after(limit - Duration::from_millis(1)), Some(Duration::from_secs(1)), "{server:?}");
            assert_eq!(after(limit), None, "{server:?}");
        }
    }

    #[test]
    fn the_pauses_grow() {
        let nth = |number| pause(Effect::Read, Server::Cluster, Failure::Broken, number, Duration::ZERO).unwrap();
        assert_eq!([0, 1, 2, 3].map(nth).map(|pause| pause.as_millis()), [100, 300, 1000, 1000]);
    }

    #[test]
    fn requests_are_told_apart() {
        let (project, fingerprint) = (Project::default(), Fingerprint::parse(&"ab".repeat(32)).unwrap());
        let name = Alias::parse("alpine").unwrap();
        let entry = AliasEntry {
            name: name.clone(),
            description: String::new(),
            target: fingerprint.clone(),
            image_type: ImageType::Container,
            etag: Some("e".to_owned()),
        };
        assert_eq!(Effect::of(&requests::image(&project, &fingerprint).unwrap()), Effect::Read);
        let guarded = requests::retarget_alias(&project, &entry, &fingerprint, "e").unwrap();
        assert_eq!(Effect::of(&guarded), Effect::Guarded);
        assert_eq!(Effect::of(&requests::create_alias(&project, &name, &fingerprint, "").unwrap()), Effect::Write);
        assert_eq!(Effect::of(&requests::delete_image(&project, &fingerprint).unwrap()), Effect::Write);
    }

    #[test]
    fn an_answer_that_passes_is_known_by_its_words() {
        assert!(is_unsettled(500, "Missing event connection with target cluster member"));
        assert!(is_unsettled(500, "Server isn't ready yet"));
        assert!(is_unsettled(503, "Daemon is starting up"));
        assert!(!is_unsettled(500, "Profile 'nope' doesn't exist"));
        assert!(!is_unsettled(200, "Missing event connection with target cluster member"), "the end of an operation");
    }

    #[test]
    fn what_lasts_is_not_tried_again() {
        let refused = |status, message: &str| Error::Server {
            what: "read".to_owned(),
            address: "https://a".to_owned(),
            status,
            message: message.to_owned(),
        };
        assert_eq!(Failure::of(&refused(500, "Server isn't ready yet")), Some(Failure::Unsettled));
        assert_eq!(Failure::of(&refused(404, "Image not found")), None);
        for obstacle in [Obstacle::Missing, Obstacle::Forbidden, Obstacle::Unresolvable] {
            assert_eq!(Failure::at(obstacle), None, "{obstacle:?}");
        }
    }
}
