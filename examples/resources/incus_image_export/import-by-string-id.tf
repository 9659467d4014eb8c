import {
  to = incus_image_export.web
  id = "web.tar"
}
