terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# All public images, with their names.
data "incus_images" "public" {
  public = true
}

output "public" {
  value = {
    for image in data.incus_images.public.images : image.fingerprint => image.aliases[*].name
  }
}

# The virtual machine images of all projects that are called stable.
data "incus_images" "stable" {
  all_projects = true
  type         = "virtual-machine"
  properties   = { channel = "stable" }
}

# What an image server has under a name, one image for each type and architecture.
data "incus_images" "alpine" {
  remote = "images"
  alias  = "alpine/edge"
}
