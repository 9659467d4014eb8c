terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Copy an image under several names, and let the server bring in newer versions.
resource "incus_image" "alpine" {
  alias       = "my-alpine"
  aliases     = ["alpine-edge", "alpine-latest"]
  source      = "images:alpine/edge"
  auto_update = true
}
