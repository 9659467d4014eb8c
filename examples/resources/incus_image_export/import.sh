# The path of the file, or of the metadata half, as the configuration has it
terraform import incus_image_export.web web.tar
