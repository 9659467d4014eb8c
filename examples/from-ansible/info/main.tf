terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Look an image up by one of its names.
data "incus_image" "alpine" {
  alias = "my-alpine"
}

output "fingerprint" {
  value = data.incus_image.alpine.fingerprint
}

output "properties" {
  value = data.incus_image.alpine.properties
}
