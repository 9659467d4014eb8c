terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Whatever the name stands for, kept beside the configuration: one file, or web.tar and web.tar.root.
resource "incus_image_export" "web" {
  alias = "web"
  path  = "web.tar"
}

# An image of an image server, without an Incus server, under the names that `incus image export` gives the files.
resource "incus_image_export" "alpine" {
  remote          = "images"
  alias           = "alpine/edge"
  path            = "/var/backups/images"
  keep_on_destroy = true
}

# And back again: the same image on another server, in the same run.
resource "incus_image" "web" {
  remote      = "other"
  alias       = "web"
  source      = incus_image_export.web.path
  fingerprint = incus_image_export.web.fingerprint
}
