//! What the process's environment says about remotes, read once at the edge and passed on as a value. Nothing else in
//! this room reads an environment variable.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::incus::{InvalidProject, Project};

/// The variables of the `incus` client, and who runs this process. An empty variable counts as unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `INCUS_REMOTE`: the default remote.
    pub remote: Option<String>,
    /// `INCUS_PROJECT`: the project, on every remote.
    pub project: Option<String>,
    /// `INCUS_CONF`: the folder of config.yml.
    pub config_directory: Option<PathBuf>,
    /// `INCUS_GLOBAL_CONF`: the folder of the system's config.yml.
    pub global_config_directory: Option<PathBuf>,
    /// `INCUS_SOCKET`: the unix socket.
    pub socket: Option<PathBuf>,
    /// `INCUS_DIR`: the daemon's folder, which holds its socket.
    pub daemon_directory: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// The number of the user, where the system tells.
    pub user: Option<u32>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let text = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            remote: text("INCUS_REMOTE"),
            project: text("INCUS_PROJECT"),
            config_directory: path("INCUS_CONF"),
            global_config_directory: path("INCUS_GLOBAL_CONF"),
            socket: path("INCUS_SOCKET"),
            daemon_directory: path("INCUS_DIR"),
            home: path("HOME"),
            user: fs::metadata("/proc/self").ok().map(|process| process.uid()),
        }
    }

    /// The project named by the environment.
    pub fn project(&self) -> Result<Option<Project>, InvalidProject> {
        self.project.as_deref().map(Project::parse).transpose()
    }

    /// The folder of the user's config.yml.
    pub(super) fn config_directory(&self) -> Option<PathBuf> {
        self.config_directory.clone().or_else(|| Some(self.home.as_ref()?.join(".config/incus")))
    }

    /// The folder of the system's config.yml.
    pub(super) fn global_config_directory(&self) -> PathBuf {
        self.global_config_directory.clone().unwrap_or_else(|| PathBuf::from("/etc/incus"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_directory_is_named_or_in_the_home() {
        let home = Environment { home: Some("/home/me".into()), ..Environment::default() };
        assert_eq!(home.config_directory(), Some("/home/me/.config/incus".into()));
        let named = Environment { config_directory: Some("/else".into()), ..home };
        assert_eq!(named.config_directory(), Some("/else".into()));
        assert_eq!(Environment::default().config_directory(), None);
        assert_eq!(Environment::default().global_config_directory(), PathBuf::from("/etc/incus"));
    }
}
