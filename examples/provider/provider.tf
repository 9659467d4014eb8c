terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Everything here is optional: the provider finds what the incus client finds.
provider "incus" {
  project = "default"

  remote {
    name     = "mirror"
    address  = "https://images.example.org"
    protocol = "simplestreams"
  }
}
