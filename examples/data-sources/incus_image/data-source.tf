terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# By name, on the default remote.
data "incus_image" "web" {
  alias = "web"
}

# What an image server has under a name: a container image for the architecture of the default remote's server, unless `type` or
# `architecture` say otherwise.
data "incus_image" "alpine" {
  remote       = "images"
  alias        = "alpine/edge"
  type         = "virtual-machine"
  architecture = "arm64"
}

# The newest of several.
data "incus_image" "nightly" {
  name_regex  = "^nightly/"
  properties  = { os = "Debian" }
  most_recent = true
}

output "nightly" {
  value = data.incus_image.nightly.fingerprint
}
