//! The `provider "incus"` block: its arguments, and the settings they amount to.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::incus::remotes::{ConfigError, Environment, InvalidRemote, Remote, Remotes};
use crate::incus::{Project, Protocol};
use crate::model;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::{Path, Step};
use crate::tfplugin::schema::Usage::{Optional, Required};

model! {
    /// Manages the images of Incus servers. Servers are named as in the `incus` client: by the remotes of its `config.yml`, and by
    /// `remote` blocks. Nothing is contacted before it is needed.
    pub struct ProviderModel {
        /// The remote used where none is named. Default: `INCUS_REMOTE`, else `default-remote` of config.yml, else `local`.
        default_remote: String = Optional,
        /// The project used where none is named. Default: `INCUS_PROJECT`, else the remote's own, else `default`.
        project: String = Optional,
        /// The folder with the `incus` client's config.yml. Default: `INCUS_CONF`, else `~/.config/incus`.
        config_dir: String = Optional,
        blocks {
            /// A remote, in place of one of the same name in config.yml.
            remote: Vec<RemoteModel>,
        }
    }
}

model! {
    /// A server by its name.
    pub struct RemoteModel {
        /// The name.
        name: String = Required,
        /// The address: `unix://` for the local daemon, `unix:///path` for a socket elsewhere, or that of an image server.
        address: String = Required,
        /// `incus` (the default) or `simplestreams`.
        protocol: String = Optional,
    }
}

/// Checks the arguments as far as they are known.
pub(super) fn validate(config: &ProviderModel, diagnostics: &mut Diagnostics) {
    if let Some(Err(error)) = config.project.known().map(|project| Project::parse(project)) {
        diagnostics.push(Diagnostic::error("Invalid project", format!("{error}.")).at(Path::attribute("project")));
    }
    for (index, block) in (0..).zip(&config.remote) {
        if let Err(invalid) = remote(block) {
            let argument = match &invalid {
                InvalidRemote::Name(_) => "name",
                InvalidRemote::Protocol { .. } => "protocol",
                InvalidRemote::Address { .. } | InvalidRemote::Mismatch { .. } | InvalidRemote::Project { .. } => {
                    "address"
                }
            };
            let path = Path::attribute("remote").then(Step::Index(index)).then(Step::Attribute(argument.to_owned()));
            diagnostics.push(Diagnostic::error("Invalid remote", format!("{invalid}.")).at(path));
        }
    }
}

/// The remote that a block declares; nothing while parts of it are unknown.
fn remote(block: &RemoteModel) -> Result<Option<Remote>, InvalidRemote> {
    let (Some(name), Some(address)) = (block.name.known(), block.address.known()) else { return Ok(None) };
    let protocol = match &block.protocol {
        Attr::Null => Protocol::Incus,
        Attr::Unknown => return Ok(None),
        Attr::Known(text) => Protocol::parse(text)
            .ok_or_else(|| InvalidRemote::Protocol { name: name.clone(), protocol: text.clone() })?,
    };
    Remote::new(name, address, protocol).map(Some)
}

/// The configuration together with the surroundings it stands in.
#[derive(Debug, Default)]
pub(super) struct Settings {
    config: ProviderModel,
    /// What the process's environment says.
    pub(super) environment: Environment,
    remotes: OnceLock<Remotes>,
}

impl Settings {
    /// The settings that `config` makes in `environment`.
    pub(super) fn new(config: ProviderModel, mut environment: Environment) -> Settings {
        if let Some(directory) = config.config_dir.known() {
            environment.config_directory = Some(PathBuf::from(directory));
        }
        Settings { config, environment, remotes: OnceLock::new() }
    }

    /// All remotes; a block wins over config.yml, which is read once.
    pub(super) fn remotes(&self) -> Result<&Remotes, ConfigError> {
        if let Some(remotes) = self.remotes.get() {
            return Ok(remotes);
        }
        let mut remotes = Remotes::read(&self.environment)?;
        // What makes no sense was refused in validation.
        self.config
            .remote
            .iter()
            .filter_map(|block| remote(block).ok().flatten())
            .for_each(|remote| remotes.insert(remote));
        Ok(self.remotes.get_or_init(|| remotes))
    }

    /// The remote used where none is named.
    pub(super) fn default_remote(&self, remotes: &Remotes) -> Attr<String> {
        self.config.default_remote.clone().or_else(|| Attr::Known(remotes.default_remote().to_owned()))
    }

    /// The project used where none is named, unless the remote has its own.
    pub(super) fn project(&self) -> &Attr<String> {
        &self.config.project
    }

    /// Whether a part of the configuration on which `name` may depend is not known yet.
    pub(super) fn may_declare(&self, name: &str) -> bool {
        self.config.config_dir.is_unknown()
            || self.config.remote.iter().any(|block| {
                block.name.is_unknown()
                    || (block.name.known().is_some_and(|known| known == name) && remote(block) == Ok(None))
            })
    }
}
