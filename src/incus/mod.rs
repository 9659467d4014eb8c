//! Incus's side: a client of the Incus REST API for images. Knows nothing of Terraform.
