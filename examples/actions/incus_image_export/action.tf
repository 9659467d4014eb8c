terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}

# A backup on demand: terraform apply -invoke=action.incus_image_export.web
action "incus_image_export" "web" {
  config {
    alias     = "web"
    path      = "web.tar"
    overwrite = true
  }
}

# What newer content takes the place of, kept before it goes.
action "incus_image_export" "replaced" {
  config {
    alias = "base"
    path  = "/var/backups/images"
  }
}

resource "incus_image" "base" {
  alias  = "base"
  source = "base.tar.gz"

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.incus_image_export.replaced]
    }
  }
}
