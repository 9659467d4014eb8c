//! Generates the messages, servers and clients of the plugin protocol. `protox` reads the files, so no protoc is needed.

use std::error::Error;

const FILES: [&str; 4] = ["tfplugin5.proto", "grpc_broker.proto", "grpc_controller.proto", "grpc_stdio.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(FILES, ["proto"])?;
    // Stubs answer "unimplemented", which is what Terraform expects of an RPC that a provider has no content for.
    tonic_prost_build::configure().generate_default_stubs(true).compile_fds(descriptors)?;
    Ok(())
}
