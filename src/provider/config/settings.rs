//! What the provider's configuration amounts to, in the environment that it stands in: a block wins over the environment, and that
//! over config.yml.

use std::sync::OnceLock;

use super::ProviderModel;
use super::declared::remote;
use crate::incus::remotes::{
    Access, ClientFiles, ConfigError, Environment, FirstContact, MissingIdentity, Remote, Remotes, ServerUrls,
};
use crate::provider::image::source::expand;
use crate::tfplugin::attr::Attr;

/// The configuration together with the surroundings it stands in.
#[derive(Debug, Default)]
pub(in crate::provider) struct Settings {
    config: ProviderModel,
    /// What the process's environment says.
    pub(in crate::provider) environment: Environment,
    remotes: OnceLock<Remotes>,
}

impl Settings {
    /// The settings that `config` makes in `environment`.
    pub(in crate::provider) fn new(config: ProviderModel, mut environment: Environment) -> Settings {
        if let Some(directory) = config.config_dir.known() {
            environment.config_directory = Some(expand(directory, environment.home.as_deref()));
        }
        Settings { config, environment, remotes: OnceLock::new() }
    }

    /// All remotes; config.yml is read once.
    pub(in crate::provider) fn remotes(&self) -> Result<&Remotes, ConfigError> {
        if let Some(remotes) = self.remotes.get() {
            return Ok(remotes);
        }
        let remotes = self.over(Remotes::read(&self.environment)?);
        Ok(self.remotes.get_or_init(|| remotes))
    }

    /// The remotes of config.yml with those of the environment and of the blocks in their place.
    fn over(&self, mut remotes: Remotes) -> Remotes {
        match self.environment.declared_remote() {
            Some((_, Ok(remote))) => remotes.insert(remote),
            Some((name, Err(reason))) => remotes.insert_invalid(name, reason),
            None => {}
        }
        // What makes no sense was refused in validation.
        let blocks = self.config.remote.iter().filter_map(|block| remote(block).ok().flatten());
        blocks.for_each(|remote| remotes.insert(remote));
        remotes
    }

    /// The remote used where none is named.
    pub(in crate::provider) fn default_remote(&self, remotes: &Remotes) -> Attr<String> {
        self.config.default_remote.clone().or_else(|| Attr::Known(remotes.default_remote().to_owned()))
    }

    /// The project used where none is named, unless the remote has its own.
    pub(in crate::provider) fn project(&self) -> &Attr<String> {
        &self.config.project
    }

    /// Where certificates and keys are.
    pub(in crate::provider) fn files(&self) -> ClientFiles {
        ClientFiles::of(&self.environment)
    }

    /// How a remote at these addresses is opened.
    pub(in crate::provider) fn access(&self, remote: Remote, urls: ServerUrls) -> Result<Access, ConfigError> {
        let first_contact = match self.config.accept_remote_certificate.known() {
            Some(true) => FirstContact::Accept,
            Some(false) => FirstContact::Refuse,
            None => self.environment.first_contact()?.unwrap_or_default(),
        };
        let missing_identity = match self.config.generate_client_certificates.known() {
            Some(true) => MissingIdentity::Generate,
            Some(false) => MissingIdentity::Refuse,
            None => self.environment.missing_identity()?.unwrap_or_default(),
        };
        let token = match remote.token() {
            Some(_) => None,
            None => self.environment.token()?.cloned(),
        };
        Ok(Access { remote, urls, files: self.files(), first_contact, missing_identity, token })
    }

    /// Whether a part of the configuration on which the remote `name` may depend is not known yet.
    pub(in crate::provider) fn is_undecided(&self, name: &str) -> bool {
        let config = &self.config;
        config.config_dir.is_unknown()
            || config.accept_remote_certificate.is_unknown()
            || config.generate_client_certificates.is_unknown()
            || config
                .remote
                .iter()
                .any(|block| block.name.is_unknown() || (block.name.is(name) && remote(block) == Ok(None)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
