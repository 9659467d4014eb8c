//! The messages, servers and clients generated from `proto/`. Nothing is written by hand here.

// Generated code has the generator's style, and its documentation is the .proto files.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

/// Terraform's plugin protocol, version 5.
pub mod tfplugin5 {
    tonic::include_proto!("tfplugin5");
}

/// go-plugin's own services.
pub mod plugin {
    tonic::include_proto!("plugin");
}
