terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# List all images of a remote.
data "incus_images" "all" {
  remote = "my-remote"
}

output "images" {
  value = data.incus_images.all.images
}
