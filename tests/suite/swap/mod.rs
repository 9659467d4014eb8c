//! Content swap with the real command line and a real daemon: what is kept, who never notices, and what is left when a step of
//! it fails. What the server then holds is asked of the server, past the proxy that makes the steps fail.

mod held;
mod interrupted;
mod kept;
mod projects;
mod rivals;
mod service;
mod steps;
mod stopped;
mod taken;
mod theirs;

use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::proxy::Proxy;
use crate::support::terraform::Workspace;

/// The address of the resource that [`alpine`] declares.
const ALPINE: &str = "incus_image.alpine";

/// The image under two names, with more arguments.
fn alpine(image: &ImageFiles, more: &str) -> String {
    let arguments = format!("alias = \"alpine\"\n  aliases = [\"alpine/edge\"]\n  {}\n  {more}", image.arguments());
    format!("resource \"incus_image\" \"alpine\" {{\n  {arguments}\n}}\n")
}

/// A copy under the same names, of an image of the simplestreams server at this address, as `upstream`.
fn upstream(address: &str, arguments: &str) -> String {
    format!(
        "provider \"incus\" {{
  remote {{
    name     = \"upstream\"
    address  = \"{address}\"
    protocol = \"simplestreams\"
  }}
}}

resource \"incus_image\" \"alpine\" {{
  alias   = \"alpine\"
  aliases = [\"alpine/edge\"]
  {arguments}
}}
"
    )
}

/// Content of this version, in the file that all versions have.
fn version(lab: &Lab, version: u64) -> ImageFiles {
    lab.images().version(version).unified("alpine")
}

/// A workspace behind a proxy, with the first version in service.
fn in_service(lab: &Lab) -> (Proxy, Workspace) {
    let proxy = Proxy::start(lab);
    let run = proxy.terraform(lab, &alpine(&version(lab, 1), ""));
    run.settles();
    proxy.take_requests();
    (proxy, run)
}

/// Applies the plan made last, which looks at nothing but what it changes.
fn apply_plan(run: &Workspace) -> Outcome {
    run.run(["apply", "-input=false", "-no-color", "next.tfplan"])
}
