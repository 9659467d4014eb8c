terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Import an image from a file.
resource "incus_image" "custom" {
  alias  = "custom-image"
  source = "${path.module}/image.tar.gz"

  properties = {
    os                        = "Debian"
    "requirements.secureboot" = "false"
  }
}
