//! Every request this client makes, as a plain value. Not for sending them, see `transport`.
//!
//! Four requests stop Incus's handler or the daemon itself, and can't be built here: an image from JSON without
//! `source`, a pull without `server`, `"properties":null`, and a filter on aliases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use http::{Error, Method, Request as HttpRequest, header, request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    Alias, AliasEntry, Copy, Files, Fingerprint, ImageFields, InstanceName, Project, Publish, Push, Secret, ServerUrl,
    Source, TrustToken, Upload, Wanted,
};

/// A request without the server's address.
pub(crate) type Request = HttpRequest<Body>;

/// What goes with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// A JSON text.
    Json(Bytes),
    /// The bytes of a file.
    File(PathBuf),
    /// Several files, in this order.
    Multipart(Vec<Part>),
}

/// A file in a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) filename: Option<String>,
    pub(crate) path: PathBuf,
}

/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) fn server() -> Result<Request, Error> {
    empty(Method::GET, "/1.0")
}

/// Has the server trust the certificate of this connection. The token goes to the server that made it, and nowhere else.
pub(crate) fn join(token: &TrustToken) -> Result<Request, Error> {
    post("/1.0/certificates", &json!({"type": "client", "trust_token": token.reveal()}))
}

pub(crate) fn project(project: &Project) -> Result<Request, Error> {
    empty(Method::GET, &format!("/1.0/projects/{}", encoded(project.as_str())))
}

pub(crate) fn images(project: &Project) -> Result<Request, Error> {
    empty(Method::GET, &format!("/1.0/images?recursion=1&{}", of_project(project)))
}

/// Without a project: no other may be named beside.
pub(crate) fn images_of_all_projects() -> Result<Request, Error> {
    empty(Method::GET, "/1.0/images?recursion=1&all-projects=true")
}

/// Only the URLs of the images.
pub(crate) fn image_urls(project: &Project) -> Result<Request, Error> {
    empty(Method::GET, &images_path(project))
}

pub(crate) fn image(project: &Project, fingerprint: &Fingerprint) -> Result<Request, Error> {
    empty(Method::GET, &image_path(project, fingerprint))
}

pub(crate) fn delete_image(project: &Project, fingerprint: &Fingerprint) -> Result<Request, Error> {
    empty(Method::DELETE, &image_path(project, fingerprint))
}

/// Writes all fields: what a PUT leaves out is reset, but for `expires_at`, which would be kept.
pub(crate) fn update_image(
    project: &Project,
    fingerprint: &Fingerprint,
    etag: &str,
    fields: &ImageFields,
) -> Result<Request, Error> {
    let body = json!({
        "public": fields.public,
        "auto_update": fields.auto_update,
        "properties": fields.properties,
        "profiles": fields.profiles,
        "expires_at": fields.expires_at.to_wire(),
    });
    let request = HttpRequest::builder().method(Method::PUT).uri(image_path(project, fingerprint));
    with_json(request.header(header::IF_MATCH, etag), &body)
}

pub(crate) fn alias(project: &Project, alias: &Alias) -> Result<Request, Error> {
    empty(Method::GET, &alias_path(project, alias))
}

pub(crate) fn create_alias(
    project: &Project,
    alias: &Alias,
    target: &Fingerprint,
    description: &str,
) -> Result<Request, Error> {
    let body = json!({"name": alias.as_str(), "description": description, "target": target.as_str()});
    post(&format!("/1.0/images/aliases?{}", of_project(project)), &body)
}

pub(crate) fn rename_alias(project: &Project, from: &Alias, to: &Alias) -> Result<Request, Error> {
    post(&alias_path(project, from), &json!({"name": to.as_str()}))
}

/// Names the description too: without one, it would be erased.
pub(crate) fn retarget_alias(
    project: &Project,
    alias: &AliasEntry,
    target: &Fingerprint,
    etag: &str,
) -> Result<Request, Error> {
    let body = json!({"description": alias.description, "target": target.as_str()});
    let request = HttpRequest::builder().method(Method::PUT).uri(alias_path(project, &alias.name));
    with_json(request.header(header::IF_MATCH, etag), &body)
}

pub(crate) fn delete_alias(project: &Project, alias: &Alias) -> Result<Request, Error> {
    empty(Method::DELETE, &alias_path(project, alias))
}

pub(crate) fn upload(project: &Project, upload: &Upload) -> Result<Request, Error> {
    let request = content(project, upload.public, &upload.properties, upload.fingerprint.as_ref());
    match &upload.files {
        Files::Unified { path } => named(request, upload.filename.as_deref())
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Body::File(path.clone())),
        Files::Split { metadata, rootfs, root } => request.body(Body::Multipart(vec![
            Part { name: "metadata", filename: None, path: metadata.clone() },
            Part { name: root.root_part(), filename: upload.filename.clone(), path: rootfs.clone() },
        ])),
    }
}

pub(crate) fn copy(project: &Project, copy: &Copy) -> Result<Request, Error> {
    let body = json!({
        "source": source(&copy.source),
        "public": copy.public,
        "auto_update": copy.auto_update,
        "properties": copy.properties,
    });
    post(&images_path(project), &body)
}

fn source(source: &Source) -> Value {
    match source {
        Source::Image { server, image, image_type } => {
            let address = match &server.credentials {
                Some(credentials) => credentials.in_address(&server.url),
                None => server.url.to_string(),
            };
            let mut source = json!({
                "type": "image",
                "mode": "pull",
                "protocol": server.protocol.as_str(),
                "server": address,
                "image_type": image_type.as_str(),
            });
            match image {
                Wanted::Alias(alias) => insert(&mut source, "alias", json!(alias)),
                Wanted::Fingerprint(fingerprint) => insert(&mut source, "fingerprint", json!(fingerprint.as_str())),
            }
            if let Some(project) = &server.project {
                insert(&mut source, "project", json!(project.as_str()));
            }
            if let Some(certificate) = &server.certificate {
                insert(&mut source, "certificate", json!(certificate));
            }
            if let Some(secret) = &server.secret {
                insert(&mut source, "secret", json!(secret.text));
            }
            source
        }
        Source::File { address, fingerprint: Some(fingerprint) } => json!({
            "type": "image",
            "mode": "pull",
            "protocol": "direct",
            "server": address.as_str(),
            "fingerprint": fingerprint.as_str(),
        }),
        Source::File { address, fingerprint: None } => json!({"type": "url", "url": address.as_str()}),
    }
}

/// Makes an image of an instance, which must be in the same project.
pub(crate) fn publish(project: &Project, publish: &Publish) -> Result<Request, Error> {
    let kind = match publish.instance.parts() {
        (_, Some(_)) => "snapshot",
        (_, None) => "instance",
    };
    let mut body = json!({
        "source": {"type": kind, "name": publish.instance.as_str()},
        "public": publish.public,
        "properties": publish.properties,
    });
    if let Some(compression) = &publish.compression {
        insert(&mut body, "compression_algorithm", json!(compression));
    }
    post(&images_path(project), &body)
}

pub(crate) fn instance(project: &Project, instance: &InstanceName) -> Result<Request, Error> {
    let path = match instance.parts() {
        (name, Some(snapshot)) => format!("{}/snapshots/{}", encoded(name), encoded(snapshot)),
        (name, None) => encoded(name),
    };
    empty(Method::GET, &format!("/1.0/instances/{path}?{}", of_project(project)))
}

/// Asks for what lets somebody read a private image.
pub(crate) fn secret(project: &Project, fingerprint: &Fingerprint) -> Result<Request, Error> {
    let path = format!("/1.0/images/{fingerprint}/secret?{}", of_project(project));
    HttpRequest::builder().method(Method::POST).uri(path).body(Body::Empty)
}

/// An upload without its content, which is on its way from another server.
pub(crate) fn relay(project: &Project, push: &Push, filename: Option<&str>) -> Result<Request, Error> {
    let request = content(project, push.public, &push.properties, Some(&push.fingerprint));
    named(request, filename).body(Body::Empty)
}

/// The head of an upload.
fn content(
    project: &Project,
    public: bool,
    properties: &BTreeMap<String, String>,
    fingerprint: Option<&Fingerprint>,
) -> request::Builder {
    let mut request = HttpRequest::builder().method(Method::POST).uri(images_path(project));
    if public {
        request = request.header("X-Incus-public", "true");
    }
    if !properties.is_empty() {
        request = request.header("X-Incus-properties", query(properties));
    }
    if let Some(fingerprint) = fingerprint {
        request = request.header("X-Incus-fingerprint", fingerprint.as_str());
    }
    request
}

fn named(request: request::Builder, filename: Option<&str>) -> request::Builder {
    match filename {
        Some(filename) => request.header("X-Incus-filename", filename),
        None => request,
    }
}

/// Makes ready for an image that another server is to send.
pub(crate) fn expect(project: &Project, push: &Push) -> Result<Request, Error> {
    let body = json!({
        "source": {"type": "image", "mode": "push", "fingerprint": push.fingerprint.as_str()},
        "public": push.public,
        "properties": push.properties,
        "expires_at": push.expires_at.to_wire(),
    });
    post(&images_path(project), &body)
}

/// Sends an image to another server, `to`, known by this PEM certificate, which expects it in `to_project` together with `secret`.
pub(crate) fn push(
    project: &Project,
    fingerprint: &Fingerprint,
    to: &ServerUrl,
    certificate: Option<&str>,
    to_project: &Project,
    secret: &Secret,
) -> Result<Request, Error> {
    let body = json!({
        "target": to.as_str(),
        "certificate": certificate.unwrap_or_default(),
        "secret": secret.text,
        "project": to_project.as_str(),
    });
    post(&format!("/1.0/images/{fingerprint}/export?{}", of_project(project)), &body)
}

/// The content of an image, as it is and not compressed once more on its way.
pub(crate) fn export(project: &Project, fingerprint: &Fingerprint) -> Result<Request, Error> {
    let path = format!("/1.0/images/{fingerprint}/export?{}", of_project(project));
    HttpRequest::builder().uri(path).header(header::ACCEPT_ENCODING, "identity").body(Body::Empty)
}

/// An operation has no project: its URL is looked up without one.
pub(crate) fn operation(id: &str) -> Result<Request, Error> {
    empty(Method::GET, &operation_path(id))
}

/// What runs, and what ended within the last five seconds.
pub(crate) fn operations(project: &Project) -> Result<Request, Error> {
    empty(Method::GET, &format!("/1.0/operations?recursion=1&{}", of_project(project)))
}

/// Blocks until the operation ends. The answer tells nothing: before Incus 6.0.5 and 6.12 a failure has another shape.
pub(crate) fn wait(id: &str) -> Result<Request, Error> {
    empty(Method::GET, &format!("{}/wait", operation_path(id)))
}

pub(crate) fn cancel(id: &str) -> Result<Request, Error> {
    empty(Method::DELETE, &operation_path(id))
}

fn images_path(project: &Project) -> String {
    format!("/1.0/images?{}", of_project(project))
}

fn image_path(project: &Project, fingerprint: &Fingerprint) -> String {
    format!("/1.0/images/{fingerprint}?{}", of_project(project))
}

fn alias_path(project: &Project, alias: &Alias) -> String {
    format!("/1.0/images/aliases/{}?{}", encoded(alias.as_str()), of_project(project))
}

fn operation_path(id: &str) -> String {
    format!("/1.0/operations/{}", encoded(id))
}

fn of_project(project: &Project) -> String {
    format!("project={}", encoded(project.as_str()))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn query(pairs: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    pairs.join("&")
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn empty(method: Method, path: &str) -> Result<Request, Error> {
    HttpRequest::builder().method(method).uri(path).body(Body::Empty)
}

fn post(path: &str, body: &Value) -> Result<Request, Error> {
    with_json(HttpRequest::builder().method(Method::POST).uri(path), body)
}

fn with_json(request: request::Builder, body: &Value) -> Result<Request, Error> {
    request.header(header::CONTENT_TYPE, "application/json").body(Body::Json(Bytes::from(body.to_string())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
