terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

data "incus_images" "all" {}

# The names of all public images, with the fingerprints behind them.
output "public" {
  value = {
    for image in data.incus_images.all.images : image.fingerprint => image.aliases[*].name if image.public
  }
}
