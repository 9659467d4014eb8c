terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# A copy of an image of another server.
resource "incus_image" "alpine" {
  alias   = "alpine"
  aliases = ["alpine/edge"]
  source  = "images:alpine/edge"
}

# A virtual machine image that the server keeps up to date.
resource "incus_image" "debian" {
  alias       = "debian-vm"
  source      = "images:debian/13"
  vm          = true
  auto_update = true
}

# A file, with exactly these properties.
resource "incus_image" "appliance" {
  alias  = "appliance"
  source = "${path.module}/appliance.tar.gz"
  public = true

  properties = {
    os      = "Appliance"
    release = "1.0"
  }
}

# The two files of a split image, with the properties that the image brings along and one more.
resource "incus_image" "split" {
  alias  = "split"
  source = "${path.module}/metadata.tar.xz"
  rootfs = "${path.module}/rootfs.squashfs"

  extra_properties = {
    team = "platform"
  }

  timeouts {
    create = "2h"
  }
}
