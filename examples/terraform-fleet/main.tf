# The same container on every host of a map.
terraform {
  required_providers {
    fairlead = { source = "registry.fairlead.invalid/fairlead/fairlead" }
  }
}

variable "hosts" {
  description = "Addresses by name."
  type        = map(string)
}
variable "known_hosts" {
  type    = string
  default = null
}
variable "private_key" {
  type      = string
  sensitive = true
}
variable "rootfs" {
  type    = string
  default = "../hello/rootfs"
}

provider "fairlead" {
  user        = "root"
  private_key = var.private_key
  known_hosts = var.known_hosts
}

resource "fairlead_host" "all" {
  for_each = var.hosts
  name     = each.key
  connect  = { host = each.value }
}

resource "fairlead_image" "app" {
  for_each = fairlead_host.all
  host     = each.value.id
  name     = "example/app:1"
  rootfs   = var.rootfs
}

resource "fairlead_container" "app" {
  for_each = fairlead_host.all
  host     = each.value.id
  name     = "app"
  image    = fairlead_image.app[each.key].ref
  init     = true
  restart  = "unless-stopped"
  command  = ["sleep", "1000000"]
  env      = { HOST = each.key }
}
