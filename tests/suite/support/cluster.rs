//! A cluster of real daemons on loopback: the lab's own, and two more, of which each can be killed. They share a certificate
//! and their images, as every cluster does.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::api::Api;
use super::daemon::Daemon;
use super::lab::{Lab, free_address};
use super::running::signal;

#[derive(Debug)]
pub(crate) struct Cluster {
    further: Vec<(Daemon, Api)>,
    addresses: Vec<String>,
    token: String,
    // Last: dropping it removes the directory in which the others live.
    lab: Lab,
}

impl Cluster {
    /// Three daemons that have found each other, or `None` on a machine that lacks something.
    pub(crate) fn start() -> Option<Self> {
        let lab = Lab::start()?;
        lab.listen();
        let first = lab.url().replace("https://", "");
        lab.api().put("/1.0/cluster", &json!({"server_name": "first", "enabled": true}));
        let mut cluster = Self { further: Vec::new(), addresses: vec![first], token: String::new(), lab };
        for name in ["second", "third"] {
            cluster.join(name);
        }
        cluster.token = cluster.lab.token();
        Some(cluster)
    }

    fn join(&mut self, name: &str) {
        let directory = self.lab.path(name);
        fs::create_dir(&directory).expect("a directory");
        let daemon = Daemon::start(&directory, None);
        let (api, address) = (Api::new(daemon.socket()), free_address());
        let invitation = self.lab.api().begin("/1.0/cluster/members", &json!({"server_name": name}));
        let joining = json!({
            "server_name": name,
            "enabled": true,
            "server_address": address,
            "cluster_address": self.addresses[0],
            "cluster_certificate": fs::read_to_string(self.lab.path("incus/cluster.crt")).expect("a certificate"),
            "cluster_token": token(&invitation["metadata"]),
            "member_config": [],
        });
        api.put("/1.0/cluster", &joining);
        self.addresses.push(address);
        self.further.push((daemon, api));
    }

    /// The lab of the first member: its files, workspaces and client configuration.
    pub(crate) fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Where the members listen, as `host:port`, the first one first.
    pub(crate) fn addresses(&self) -> [&str; 3] {
        [&self.addresses[0], &self.addresses[1], &self.addresses[2]]
    }

    /// A provider that knows the cluster by these addresses, as its default remote, and joins it at the first contact.
    pub(crate) fn provider(&self, addresses: &[&str]) -> String {
        let urls: Vec<_> = addresses.iter().map(|address| format!("https://{address}")).collect();
        format!(
            r#"
provider "incus" {{
  default_remote               = "cluster"
  generate_client_certificates = true
  remote {{
    name    = "cluster"
    address = "{}"
    token   = "{}"
  }}
}}
"#,
            urls.join(", "),
            self.token
        )
    }

    /// What the second member says, also when the first is dead.
    pub(crate) fn second(&self) -> &Api {
        &self.further[0].1
    }

    /// What ends the first member at once, as a power cut would, from any thread.
    pub(crate) fn killing(&self) -> impl FnOnce() + Send + use<> {
        let process = self.lab.api().process().expect("a member that runs").to_string();
        move || signal("-KILL", &process)
    }
}

/// What a member that joins shows: the invitation, as `incus cluster add` would print it.
fn token(invitation: &Value) -> String {
    let token = json!({
        "server_name": invitation["serverName"],
        "fingerprint": invitation["fingerprint"],
        "addresses": invitation["addresses"],
        "secret": invitation["secret"],
        "expires_at": invitation["expiresAt"],
    });
    STANDARD.encode(token.to_string())
}
