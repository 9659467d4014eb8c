terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Copy an image, and give it exactly these properties.
resource "incus_image" "alpine" {
  alias  = "my-alpine"
  source = "images:alpine/edge"

  properties = {
    os          = "Alpine"
    release     = "edge"
    description = "Alpine Edge image"
  }
}
