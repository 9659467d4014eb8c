terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# The images that have to be kept.
variable "images" {
  type    = set(string)
  default = ["web", "database"]
}

# A directory that is there.
variable "directory" {
  type    = string
  default = "/var/backups/images"
}

# Every night: terraform apply -auto-approve
# The state knows the files of the last night; those of the nights before stay, because destroying keeps them.
resource "incus_image_export" "nightly" {
  for_each = var.images

  alias           = each.key
  path            = "${var.directory}/${each.key}-${formatdate("YYYY-MM-DD", plantimestamp())}"
  keep_on_destroy = true
}
