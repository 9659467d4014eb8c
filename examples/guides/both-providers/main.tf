terraform {
  required_providers {
    incus  = { source = "lxc/incus" }
    images = { source = "crystian/incus" }
  }
}

# Both read the remotes of the incus client.
provider "incus" {}

provider "images" {}

# Without `provider`, an incus_image would be one of lxc/incus: the first word of the type says so.
resource "incus_image" "alpine" {
  provider = images

  alias  = "alpine"
  source = "images:alpine/edge"
}

# Newer content, a new fingerprint, a new instance.
resource "incus_instance" "web" {
  name  = "web"
  image = incus_image.alpine.fingerprint
}
