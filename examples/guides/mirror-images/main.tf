terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# The images that the build server calls stable.
data "incus_images" "stable" {
  remote     = "build"
  properties = { channel = "stable" }
}

# Each of them on the production server, under the same names; one that is no longer stable goes.
resource "incus_image" "stable" {
  for_each = { for image in data.incus_images.stable.images : image.fingerprint => image }

  remote       = "production"
  source       = "build:${each.key}"
  fingerprint  = each.key
  vm           = each.value.type == "virtual-machine"
  copy_aliases = true

  # Through the machine that Terraform runs on: the servers need not reach each other.
  mode = "relay"
}
