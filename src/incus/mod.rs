//! Incus's side: a client of the Incus REST API for images, and the remotes that name the servers. Knows nothing of
//! Terraform. Requests and answers are plain values; only `transport`, `files`, the search for remotes with
//! their certificates, the renewal of logins, and the download of an image server's index do I/O.

pub mod alias;
pub mod architecture;
pub mod certificate;
pub mod client;
pub mod contact;
pub mod copy;
pub mod error;
pub mod expiry;
pub mod export;
pub mod file_url;
pub mod files;
pub mod fingerprint;
pub mod image;
pub mod image_content;
pub mod image_type;
pub mod instance;
pub mod oidc;
pub mod project;
pub mod publish;
pub mod push;
pub mod registry;
pub mod remotes;
pub mod server;
pub mod server_url;
pub mod simplestreams;
pub mod trust_token;
pub mod turns;
pub mod upload;

mod answer;
mod header;
mod multipart;
mod operation;
mod progress;
mod requests;
mod tls;
mod transport;
mod wait;

pub use alias::{Alias, AliasEntry, InvalidAlias, RefusedAlias};
pub use answer::Malformed;
pub use certificate::{Certificate, CertificateFingerprint, InvalidCertificate, Pin};
pub use client::{Client, Deletion, Imported};
pub use contact::{ContactError, Reason};
pub use copy::{Copy, Protocol, Secret, Source, SourceServer, Wanted};
pub use error::{Error, Obstacle};
pub use expiry::{Expiry, InvalidExpiry};
pub use export::{Content, Export};
pub use file_url::{FileUrl, InvalidFileUrl};
pub use fingerprint::{Fingerprint, FingerprintPrefix, InvalidFingerprint};
pub use image::{Image, ImageAlias, ImageFields, UpdateSource, is_oci};
pub use image_content::{FileHead, Half, ImageContent, Piece};
pub use image_type::ImageType;
pub use instance::{InstanceName, InvalidInstanceName};
pub use oidc::LoginError;
pub use progress::{INTERVAL, megabytes};
pub use project::{InvalidProject, Project};
pub use publish::Publish;
pub use push::{Network, Push};
pub use registry::RegistryCredentials;
pub use server::Server;
pub use server_url::{InvalidServerUrl, ServerUrl};
pub use trust_token::{InvalidTrustToken, TrustToken};
pub use turns::{Turn, Turns};
pub use upload::{Files, Upload};
