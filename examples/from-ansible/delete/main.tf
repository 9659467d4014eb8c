terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# Delete an image that is on the server already: terraform apply takes it under management, terraform destroy deletes it.
# An image that was created with a source is deleted without keep_on_destroy = false.
resource "incus_image" "alpine" {
  alias           = "my-alpine"
  keep_on_destroy = false
}
