import {
  to = incus_image.alpine
  id = "local:default/alias=alpine"
}
