//! Where the local daemon's unix socket is, found as the `incus` client finds it. Not for connecting.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Environment;
use crate::incus::Project;

/// A socket to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Its path.
    pub path: PathBuf,
    /// The project meant on it: a user who may not administer Incus has one of their own.
    pub project: Option<Project>,
}

/// What is found at the path of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Missing,
    /// A socket that this user may not use.
    Forbidden,
    /// A socket that this user may use.
    Usable,
}

impl Socket {
    /// The socket of an address: the path in it, else that of the environment, else the usual one. `probe` tells what is
    /// at a path; see [`probe`].
    pub fn find(named: Option<&Path>, environment: &Environment, probe: impl Fn(&Path) -> Presence) -> Self {
        if let Some(path) = named.or(environment.socket.as_deref()) {
            return Self { path: path.to_owned(), project: None };
        }
        let directory = match &environment.daemon_directory {
            Some(directory) => directory,
            None if probe(Path::new("/run/incus/unix.socket")) != Presence::Missing => Path::new("/run/incus"),
            None => Path::new("/var/lib/incus"),
        };
        let administrator = Self { path: directory.join("unix.socket"), project: None };
        let user = directory.join("unix.socket.user");
        match probe(&administrator.path) {
            Presence::Missing | Presence::Forbidden if probe(&user) == Presence::Usable => {
                let project = environment.user.and_then(|user| Project::parse(&format!("user-{user}")).ok());
                Self { path: user, project }
            }
            _ => administrator,
        }
    }
}

/// Looks at a path without contacting anybody: opening a socket as a file fails in any case, and the way it fails tells.
pub fn probe(path: &Path) -> Presence {
    match OpenOptions::new().write(true).open(path).map_err(|error| error.kind()) {
        Err(ErrorKind::NotFound | ErrorKind::NotADirectory) => Presence::Missing,
        Err(ErrorKind::PermissionDenied) => Presence::Forbidden,
        _ => Presence::Usable,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn find(
        named: Option<&str>,
        environment: &Environment,
        usable: &[&str],
        forbidden: &[&str],
    ) -> (String, Option<String>) {
        let socket = Socket::find(named.map(Path::new), environment, |path| match path.to_str().unwrap() {
            path if usable.contains(&path) => Presence::Usable,
            path if forbidden.contains(&path) => Presence::Forbidden,
            _ => Presence::Missing,
        });
        (socket.path.to_str().unwrap().to_owned(), socket.project.map(|project| project.to_string()))
    }

    fn plain(path: &str) -> (String, Option<String>) {
        (path.to_owned(), None)
    }

    #[test]
    fn the_first_that_is_named_wins() {
        let nothing = Environment { user: Some(7), ..Environment::default() };
        let directory = Environment { daemon_directory: Some("/dir".into()), ..nothing.clone() };
        let both = Environment { socket: Some("/env.socket".into()), ..directory.clone() };
        assert_eq!(find(Some("/named"), &both, &[], &[]), plain("/named"));
        assert_eq!(find(None, &both, &["/dir/unix.socket.user"], &[]), plain("/env.socket"));
        assert_eq!(find(None, &directory, &["/run/incus/unix.socket"], &[]), plain("/dir/unix.socket"));
        assert_eq!(find(None, &nothing, &["/run/incus/unix.socket"], &[]), plain("/run/incus/unix.socket"));
        assert_eq!(find(None, &nothing, &[], &["/run/incus/unix.socket"]), plain("/run/incus/unix.socket"));
        assert_eq!(find(None, &nothing, &[], &[]), plain("/var/lib/incus/unix.socket"));
    }

    #[test]
    fn who_may_not_administer_gets_the_user_socket_and_project() {
        let environment =
            Environment { daemon_directory: Some("/d".into()), user: Some(1000), ..Environment::default() };
        let (administrator, user) = ("/d/unix.socket", "/d/unix.socket.user");
        let restricted = (user.to_owned(), Some("user-1000".to_owned()));
        assert_eq!(find(None, &environment, &[user], &[administrator]), restricted);
        assert_eq!(find(None, &environment, &[user], &[]), restricted);
        assert_eq!(find(None, &environment, &[administrator, user], &[]), plain(administrator));
        assert_eq!(find(None, &environment, &[], &[administrator, user]), plain(administrator));
    }

    #[test]
    fn a_real_socket_is_told_from_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        assert_eq!(probe(&path), Presence::Missing);
        assert_eq!(probe(Path::new("/dev/null/socket")), Presence::Missing);
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(probe(&path), Presence::Usable);
    }
}
