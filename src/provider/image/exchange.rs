//! A copy from one Incus server to another, or between two projects of one. Who moves the bytes is a matter of `mode`.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::content::Request;
use super::model::ImageModel;
use super::upstream::UpstreamImage;
use crate::incus::{
    Copy, Endpoint, Error, Fingerprint, ImageType, Imported, Protocol, Push, Secret, ServerUrl, Source, SourceServer,
    Wanted, is_oci,
};
use crate::provider::connections::Target;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// Who moves the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The server that gets the image fetches it.
    Pull,
    /// The server that has the image sends it.
    Push,
    /// They come and go through this process.
    Relay,
}

/// An image on its way from one project to another, on whichever servers.
#[derive(Debug)]
pub(super) struct Exchange {
    from: Target,
    image: UpstreamImage,
    public: bool,
    properties: BTreeMap<String, String>,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// From where the source listens; by this name, if the server is to follow it.
    Pull {
        source: Endpoint,
        followed: Option<String>,
    },
    /// To where the target listens.
    Push {
        target: Endpoint,
    },
    Relay,
}

impl Mode {
    /// Reads the argument.
    pub(super) fn parse(text: &str) -> Option<Mode> {
        match text {
            "pull" => Some(Mode::Pull),
            "push" => Some(Mode::Push),
            "relay" => Some(Mode::Relay),
            _ => None,
        }
    }
}

impl Exchange {
    /// The copy of `image`, which is called `name` in `from`.
    ///
    /// # Errors
    /// Where the servers can't reach each other, or the image can't be copied in this way.
    pub(super) async fn prepare(
        from: Target,
        image: UpstreamImage,
        name: &str,
        request: Request<'_>,
    ) -> Result<Exchange, Diagnostic> {
        let Request { planned, wanted, properties, target } = request;
        let same_server = is_same_server(&from, target);
        onto_itself(&from, target)?;
        if wanted.follows_source() && !image.public {
            let detail = format!(
                "{name:?} of remote {} is private: only a public image can be followed. Take `auto_update` out, or use `refresh`.",
                from.remote
            );
            return Err(
                Diagnostic::error("The image can't be kept up to date", detail).at(Path::attribute("auto_update"))
            );
        }
        let followed = wanted.follows_source().then(|| name.to_owned());
        let way = match mode(planned) {
            Mode::Push | Mode::Relay if is_oci(&image.properties) => return Err(unsendable(&from, name)),
            Mode::Relay => Way::Relay,
            Mode::Pull => match from.client.reachable_at().await? {
                Some(source) => Way::Pull { source, followed },
                None if is_oci(&image.properties) => return Err(unsendable(&from, name)),
                None if same_server && followed.is_none() => Way::Relay,
                None => return Err(deaf(&from, "pull", "fetch the image from it")),
            },
            Mode::Push if image.image_type == ImageType::VirtualMachine => {
                let detail = "Incus makes containers of virtual machine images that are pushed (6.0.4 and later). Use \
                              mode = \"pull\" or \"relay\".";
                return Err(Diagnostic::error("The image can't be pushed", detail).at(Path::attribute("mode")));
            }
            Mode::Push => match target.client.reachable_at().await? {
                Some(target) => Way::Push { target },
                None => return Err(deaf(target, "push", "send the image to it")),
            },
        };
        Ok(Exchange { from, image, public: wanted.is_public(), properties, way })
    }

    /// The copy of `image` to another project of the same server.
    ///
    /// # Errors
    /// As the client's `reachable_at`.
    pub(super) async fn within(
        from: Target,
        image: UpstreamImage,
        public: bool,
        properties: BTreeMap<String, String>,
    ) -> Result<Exchange, Error> {
        let way = match from.client.reachable_at().await? {
            Some(source) => Way::Pull { source, followed: None },
            None => Way::Relay,
        };
        Ok(Exchange { from, image, public, properties, way })
    }

    /// The image that it is of.
    pub(super) fn fingerprint(&self) -> &Fingerprint {
        &self.image.fingerprint
    }

    /// Whether the server that gets the image fetches it.
    pub(super) fn is_pulled(&self) -> bool {
        matches!(self.way, Way::Pull { .. })
    }

    /// Brings the image in.
    ///
    /// # Errors
    /// As the client's `copy`, `push` and `relay`.
    pub(super) async fn run(&self, target: &Target, stop: &CancellationToken) -> Result<Imported, Error> {
        let Target { client, project, .. } = &self.from;
        match &self.way {
            Way::Pull { source, followed } => self.pull(source, followed.as_deref(), target, stop).await,
            Way::Push { target: endpoint } => {
                target.client.push(&target.project, &self.push(), endpoint, client, project, stop).await
            }
            Way::Relay => target.client.relay(&target.project, &self.push(), client, project, stop).await,
        }
    }

    /// Has the target ask at each address of the source in turn, until it reaches it.
    async fn pull(
        &self,
        source: &Endpoint,
        followed: Option<&str>,
        target: &Target,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let Exchange { from, image, .. } = self;
        let secret = match image.public {
            true => None,
            false => Some(from.client.secret(&from.project, &image.fingerprint).await?),
        };
        let secret = secret.as_ref();
        let attempt = |url: ServerUrl| async move {
            let copy = self.copy(url, source.certificate.as_deref(), followed, secret.cloned());
            target.client.copy(&target.project, &copy, stop).await
        };
        let outcome = source.first_reached(attempt).await;
        // A target that failed early, or had the image, has not used it.
        if let Some(secret) = secret {
            from.client.withdraw(secret).await;
        }
        outcome
    }

    fn copy(&self, url: ServerUrl, certificate: Option<&str>, followed: Option<&str>, secret: Option<Secret>) -> Copy {
        let Exchange { from, image, .. } = self;
        let server = SourceServer {
            protocol: Protocol::Incus,
            url,
            project: Some(from.project.clone()),
            certificate: certificate.map(str::to_owned),
            secret,
            credentials: None,
        };
        let wanted = match followed {
            Some(name) => Wanted::Alias(name.to_owned()),
            None => Wanted::Fingerprint(image.fingerprint.clone()),
        };
        Copy {
            source: Source::Image { server, image: wanted, image_type: image.image_type },
            public: self.public,
            auto_update: followed.is_some(),
            properties: self.properties.clone(),
        }
    }

    fn push(&self) -> Push {
        self.image.to_send(self.public, &self.properties)
    }
}

/// Who moves the bytes of a planned image.
pub(super) fn mode(planned: &ImageModel) -> Mode {
    planned.mode.known().and_then(|mode| Mode::parse(mode)).unwrap_or(Mode::Pull)
}

fn is_same_server(one: &Target, other: &Target) -> bool {
    one.client.address() == other.client.address()
}

/// Refuses a copy to where the image is already.
pub(super) fn onto_itself(from: &Target, target: &Target) -> Result<(), Diagnostic> {
    if !is_same_server(from, target) || from.project != target.project {
        return Ok(());
    }
    let detail = format!(
        "`source` names an image of {target}, where the image is to be. Leave `source` out to take it under management by `alias` or \
         `fingerprint`, or name another project in `source_project`."
    );
    Err(Diagnostic::error("An image can't be copied onto itself", detail).at(Path::attribute("source")))
}

/// Refuses to have an image server send an image: it only answers.
pub(super) fn no_push(config: &ImageModel, remote: &str) -> Result<(), Diagnostic> {
    if mode(config) != Mode::Push {
        return Ok(());
    }
    let detail = format!(
        "The remote {remote:?} is an image server, which sends nothing by itself. Use mode = \"pull\" or \"relay\"."
    );
    Err(Diagnostic::error("The image can't be pushed", detail).at(Path::attribute("mode")))
}

/// Refuses to send what no server takes.
fn unsendable(from: &Target, name: &str) -> Diagnostic {
    let detail = format!(
        "{name:?} of remote {remote} comes from a container registry: its fingerprint is not the hash of its files, by which a server \
         checks what it is sent. Use mode = \"pull\", for which the server of remote {remote} must listen on the network \
         (core.https_address).",
        remote = from.remote
    );
    Diagnostic::error("An OCI image can't be pushed or relayed", detail).at(Path::attribute("mode"))
}

fn deaf(server: &Target, mode: &str, purpose: &str) -> Diagnostic {
    let detail = format!(
        "With mode = {mode:?} the other server must {purpose}, and the server of remote {} does not listen on the network. Set \
         core.https_address there, or use mode = \"relay\".",
        server.remote
    );
    Diagnostic::error("The server does not listen on the network", detail).at(Path::attribute("mode"))
}
