terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Give an image that is on the server already exactly these properties. Destroying the resource leaves the image there.
resource "incus_image" "alpine" {
  alias = "my-alpine"

  properties = {
    os      = "Alpine"
    release = "latest"
  }
}
