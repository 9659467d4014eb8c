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

# Every night: terraform apply -auto-approve -invoke=action.incus_image_export.nightly
# Each night has files of its own, and nothing of it is in the state.
action "incus_image_export" "nightly" {
  for_each = var.images

  config {
    alias = each.key
    path  = "${var.directory}/${each.key}-${formatdate("YYYY-MM-DD", plantimestamp())}"
  }
}
