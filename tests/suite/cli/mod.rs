//! What users do at the command line: `terraform` or `tofu` with the real binary and a real Incus daemon, a file for each
//! subject. What the server then holds is asked of the server, never of the state alone.

mod adoption;
mod conflict;
mod content;
mod copies;
mod deletion;
mod descriptions;
mod drift;
mod examples;
mod existing;
mod extra;
mod files;
mod foresight;
mod from_ansible;
mod functions;
mod import;
mod imported;
mod interruption;
mod keeping;
mod lifecycle;
mod names;
mod pins;
mod progress;
mod projects;
mod refresh;
mod refusals;
mod replacement;
mod rivals;
mod schema;
mod selection;
mod servers;
mod settings;
mod sources;
mod strict_names;
mod timeouts;
mod validation;

/// The address of the resource that [`alpine`] declares.
const ALPINE: &str = "incus_image.alpine";

/// A resource with these arguments.
fn alpine(arguments: &str) -> String {
    format!("resource \"incus_image\" \"alpine\" {{\n  {arguments}\n}}\n")
}

/// A provider with the simplestreams server at this address as the remote `upstream`.
fn upstream(address: &str) -> String {
    format!(
        "provider \"incus\" {{
  remote {{
    name     = \"upstream\"
    address  = \"{address}\"
    protocol = \"simplestreams\"
  }}
}}\n"
    )
}
