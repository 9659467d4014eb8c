# [remote:][project/]alias=<alias>
terraform import incus_image.alpine local:default/alias=alpine

# [remote:][project/]<fingerprint>, of which 12 digits are enough
terraform import incus_image.alpine 0123456789ab
