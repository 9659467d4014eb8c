import {
  to = incus_image.alpine

  identity = {
    remote  = "local"
    project = "default"
    alias   = "alpine"
  }
}
