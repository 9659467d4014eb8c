terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Say what instances made from a virtual machine image need.
resource "incus_image" "vm" {
  alias = "my-vm-image"

  properties = {
    "requirements.secureboot" = "false"
    "requirements.nesting"    = "true"
  }
}
