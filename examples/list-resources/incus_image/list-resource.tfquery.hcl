# Terraform 1.14 or newer: `terraform query`, and `terraform query -generate-config-out=images.tf` to manage what is found.

list "incus_image" "all" {
  provider = incus
}

# Images that others made public, with all that there is to know about them.
list "incus_image" "public" {
  provider         = incus
  include_resource = true
  limit            = 10

  config {
    public       = true
    all_projects = true
  }
}
