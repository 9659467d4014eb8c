//! From `remote` blocks to remotes.

use super::RemoteModel;
use crate::incus::remotes::{Address, Authentication, InvalidRemote, Remote};
use crate::incus::{Pin, Protocol, TrustToken};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::{Path, Step};

/// Checks the blocks as far as they are known.
pub(super) fn validate(blocks: &[RemoteModel], diagnostics: &mut Diagnostics) {
    for (index, block) in (0..).zip(blocks) {
        let refused = match remote(block) {
            Err(invalid) => Some((argument(&invalid), format!("{invalid}."))),
            Ok(None) => None,
            Ok(Some(remote)) => misplaced(block, &remote),
        };
        if let Some((argument, detail)) = refused {
            let path = Path::attribute("remote").then(Step::Index(index)).then(Step::Attribute(argument.to_owned()));
            diagnostics.push(Diagnostic::error("Invalid remote", detail).at(path));
        }
    }
}

/// The remote that a block declares; nothing while parts of it are unknown.
pub(super) fn remote(block: &RemoteModel) -> Result<Option<Remote>, InvalidRemote> {
    let (Some(name), Some(address)) = (block.name.known(), block.address.known()) else { return Ok(None) };
    let later = [&block.protocol, &block.authentication_type, &block.server_certificate, &block.credentials_helper];
    if later.iter().any(|argument| argument.is_unknown()) || block.token.is_unknown() || block.public.is_unknown() {
        return Ok(None);
    }
    let said = |argument: &'_ Attr<String>| argument.known().cloned();
    let (protocol, authentication) = (said(&block.protocol), said(&block.authentication_type));
    let mut remote = Remote::declare(name, address, protocol.as_deref(), authentication.as_deref())?;
    if let Some(text) = block.server_certificate.known() {
        let pin = Pin::parse(text).map_err(|reason| InvalidRemote::Certificate { name: name.clone(), reason })?;
        remote = remote.known_by(pin);
    }
    if let Some(token) = block.token.known() {
        let token =
            TrustToken::parse(token.reveal()).map_err(|reason| InvalidRemote::Token { name: name.clone(), reason })?;
        remote = remote.with_token(token);
    }
    if let Some(program) = block.credentials_helper.known() {
        remote = remote.with_credentials_helper(program.clone());
    }
    Ok(Some(if block.public.known() == Some(&true) { remote.as_public() } else { remote }))
}

/// The argument that makes no sense.
fn argument(invalid: &InvalidRemote) -> &'static str {
    match invalid {
        InvalidRemote::Name(_) => "name",
        InvalidRemote::Protocol { .. } => "protocol",
        InvalidRemote::Authentication { .. } => "authentication_type",
        InvalidRemote::Certificate { .. } => "server_certificate",
        InvalidRemote::Token { .. } => "token",
        InvalidRemote::Address { .. } | InvalidRemote::Mismatch { .. } | InvalidRemote::Project { .. } => "address",
    }
}

/// An argument that does not go with the others, and why.
fn misplaced(block: &RemoteModel, remote: &Remote) -> Option<(&'static str, String)> {
    let is_incus = remote.protocol() == Protocol::Incus;
    let is_local = matches!(remote.address(), Address::Unix(_));
    let of_a_kind = match remote.protocol() {
        _ if is_local => "the local daemon",
        Protocol::Incus if remote.public() => "a public server",
        Protocol::Incus => "an Incus server",
        Protocol::Simplestreams => "an image server",
        Protocol::Oci => "a registry",
    };
    let joined = is_incus && !is_local && !remote.public();
    let refused = [
        ("token", remote.token().is_some() && !joined, "needs no token"),
        ("authentication_type", !block.authentication_type.is_null() && !joined, "knows no clients"),
        ("public", is_local && remote.public(), "is not public"),
        ("public", !is_incus && block.public.known() == Some(&false), "is public"),
        ("server_certificate", is_local && remote.certificate().is_some(), "has no certificate"),
        (
            "credentials_helper",
            remote.credentials_helper().is_some() && remote.protocol() != Protocol::Oci,
            "needs no credentials helper",
        ),
    ];
    let misplaced = refused.into_iter().find(|(_, refused, _)| *refused).map(|(argument, _, why)| (argument, why));
    let name = remote.name();
    if let Some((argument, why)) = misplaced {
        return Some((argument, format!("Remote {name:?} is {of_a_kind}, which {why}. Take `{argument}` out.")));
    }
    match remote.certificate() {
        Some(Pin::Fingerprint(_)) if !is_incus => Some((
            "server_certificate",
            format!(
                "Remote {name:?} is {of_a_kind}. Incus servers need its certificate in PEM form to copy from there, not the SHA-256."
            ),
        )),
        _ if remote.token().is_some() && remote.authentication() == Authentication::Oidc => Some((
            "token",
            format!("Remote {name:?} has authentication_type = \"oidc\", which needs no token. Take `token` out."),
        )),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
