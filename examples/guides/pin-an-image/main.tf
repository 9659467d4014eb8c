terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# What the image server has under that name now, for the architecture of the Incus server.
data "incus_image" "alpine" {
  remote = "images"
  alias  = "alpine/edge"
}

# Exactly that: the plan shows the fingerprint, and newer content shows up in a later plan, never by itself.
resource "incus_image" "alpine" {
  alias       = "alpine"
  source      = "images:alpine/edge"
  fingerprint = data.incus_image.alpine.fingerprint
}
