terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

variable "metadata" {
  description = "The metadata half of the image, such as alpine.tar.xz."
  type        = string
}

variable "rootfs" {
  description = "The root half of the image, such as alpine.squashfs."
  type        = string
}

locals {
  fingerprint = provider::incus::image_fingerprint(var.metadata, var.rootfs)
}

# The name says which content is behind it.
resource "incus_image" "alpine" {
  alias       = "alpine-${substr(local.fingerprint, 0, 12)}"
  source      = var.metadata
  rootfs      = var.rootfs
  fingerprint = local.fingerprint
}
