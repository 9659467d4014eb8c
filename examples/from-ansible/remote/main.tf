terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Copy an image to another server, where everybody may read it.
resource "incus_image" "alpine" {
  alias  = "my-alpine"
  source = "images:alpine/edge"
  remote = "production"
  public = true
}
