terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Copy an image from the remote "images".
resource "incus_image" "alpine" {
  alias  = "my-alpine"
  source = "images:alpine/edge"
}
