terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Export an image to a file.
resource "incus_image_export" "backup" {
  alias = "my-alpine"
  path  = "${path.module}/my-alpine-backup.tar.gz"
}
