terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

variable "incus_token" {
  description = "What `incus config trust add` has printed; needed once, until the servers know this client."
  type        = string
  sensitive   = true
  default     = null
}

# Everything here is optional: the provider finds what the incus client finds.
provider "incus" {
  default_remote = "production"
  project        = "default"

  # Makes the certificate by which servers know this client, if there is none.
  generate_client_certificates = true

  # An Incus server. This client joins it by the token; the token also says which certificate the server has.
  remote {
    name    = "production"
    address = "https://incus.example.org:8443"
    token   = var.incus_token
  }

  # A cluster: the first member that answers is asked. The SHA-256 of its certificate is what `incus info` shows there.
  remote {
    name               = "cluster"
    address            = "https://10.0.0.1:8443,https://10.0.0.2:8443,https://10.0.0.3:8443"
    server_certificate = "5d1f8c64a3d8d07ae4f0a1be3bd6e2a39cd1c2c53f2d5ee0c49dd1d0a9a1f0b7"
  }

  # An image server, to copy from.
  remote {
    name     = "mirror"
    address  = "https://images.example.org"
    protocol = "simplestreams"
  }
}
