import {
  to = incus_image_export.web

  identity = {
    path = "web.tar"
  }
}
