//! The `provider "incus"` block: its arguments. Not for what they amount to, see `settings`.

mod declared;
mod settings;

use crate::incus::Project;
use crate::model;
use crate::tfplugin::attr::Sensitive;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;
use crate::tfplugin::schema::Usage::{Optional, Required};

pub(super) use self::settings::Settings;

model! {
    /// Manages the images of Incus servers. Servers are named as in the `incus` client: by the remotes of its `config.yml`, and by
    /// `remote` blocks. What the `incus` client can use without asking works here without configuration.
    ///
    /// For Terraform 1.11 or newer, OpenTofu 1.10 or newer, and Incus 6.0 or newer. The action and `terraform query` need Terraform
    /// 1.14; OpenTofu has neither.
    ///
    /// Nothing is contacted before it is needed, and an argument that is not known yet is no error. One remote can come from the
    /// environment: `INCUS_REMOTE` names it, and `INCUS_ADDR`, `INCUS_PROTOCOL`, `INCUS_AUTHENTICATION_TYPE` and `INCUS_TOKEN` say
    /// the rest. A block wins over the environment, and the environment over config.yml. The local daemon is found as the `incus`
    /// client finds it: by `INCUS_SOCKET` or `INCUS_DIR`, else in `/run/incus` or `/var/lib/incus`.
    pub struct ProviderModel {
        /// The remote used where none is named. Default: `INCUS_REMOTE`, else `default-remote` of config.yml, else `local`.
        default_remote: String = Optional,
        /// The project used where none is named. Default: `INCUS_PROJECT`, else the remote's own, else `default`.
        project: String = Optional,
        /// The folder of the `incus` client, with config.yml, `client.crt` and `client.key`, `clientcerts`, `servercerts` and `oidctokens`. Default:
        /// `INCUS_CONF`, else where that client has its folder, mostly `~/.config/incus`. `/etc/incus` fills in remotes that it lacks.
        config_dir: String = Optional,
        /// Whether to trust a server whose certificate nobody knows, at the first contact. The certificate is kept in `servercerts`,
        /// and another one is an error from then on. Default: `INCUS_ACCEPT_SERVER_CERTIFICATE`, else `false`.
        accept_remote_certificate: bool = Optional,
        /// Whether to make `client.crt` and `client.key` in `config_dir` when there are none and a remote needs them. Default:
        /// `INCUS_GENERATE_CLIENT_CERTS`, else `false`.
        generate_client_certificates: bool = Optional,
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
        /// The address: `https://host:port` (8443 where an Incus server has no port), `unix://` for the local daemon, or `unix:///path`
        /// for a socket elsewhere.
        ///
        /// A cluster is best given with several of its members, as `https://` addresses with commas between. They are tried in turn,
        /// and the first that answers is kept. When that member dies in the middle of a run, reading and waiting go on at another
        /// one, which gets half a minute to note the loss. A change that may have been made already is not asked for again: it
        /// fails, and so does what the dead member was at. The next apply finds what has been made. All members show the
        /// certificate of the cluster.
        address: String = Required,
        /// `incus` (the default), `simplestreams`, or `oci` for a container registry, from which Incus 6.3 and later copies.
        protocol: String = Optional,
        /// How the server knows this client: `tls` (the default), by its certificate, or `oidc`, by the login that the `incus` client
        /// keeps in `oidctokens`. It is renewed as long as the identity provider does so. When that ends, `incus info NAME:` logs in
        /// anew: this provider never asks.
        authentication_type: String = Optional,
        /// A trust token, as `incus config trust add NAME` prints one on the server. It is used once, when the server does not know
        /// this client yet, which can be in a plan. After that it may stay or go. Default: `INCUS_TOKEN`, for the server that made it.
        token: Sensitive = Optional,
        /// Whether the server is read as anybody may read it, without a certificate of this client. Default: `false`, and `true` for
        /// image servers and registries.
        public: bool = Optional,
        /// The certificate that the server is known by, in PEM form, or its SHA-256. Default: the one in `servercerts`, else the
        /// authorities that this machine trusts decide.
        server_certificate: String = Optional,
        /// For `oci`: the program that knows the user name and password for the registry. Before each copy it is run as `PROGRAM get`,
        /// gets the host as its input, and answers with JSON: `{"Username": "…", "Secret": "…"}`, as the `docker-credential-…` programs
        /// do. They go to the Incus server in the request for the copy, and nowhere else; Incus itself keeps them with the
        /// image, to follow its source.
        credentials_helper: String = Optional,
    }
}

/// Checks the arguments as far as they are known.
pub(super) fn validate(config: &ProviderModel, diagnostics: &mut Diagnostics) {
    if let Some(Err(error)) = config.project.known().map(|project| Project::parse(project)) {
        diagnostics.push(Diagnostic::error("Invalid project", format!("{error}.")).at(Path::attribute("project")));
    }
    declared::validate(&config.remote, diagnostics);
}
