# One host, made ready and given a web server, in one run. The root file system of examples/hello
# stands in for an image of yours: sh examples/hello/make-rootfs.sh makes it.
terraform {
  required_providers {
    fairlead = { source = "registry.fairlead.invalid/fairlead/fairlead" }
  }
}

variable "address" {
  type    = string
  default = "local"
}
variable "private_key" {
  type    = string
  default = null
}
variable "known_hosts" {
  type    = string
  default = null
}
variable "rootfs" {
  type    = string
  default = "../hello/rootfs"
}

resource "fairlead_host" "web" {
  name    = "web"
  connect = {
    host        = var.address
    user        = var.address == "local" ? null : "root"
    private_key = var.private_key
    known_hosts = var.known_hosts
  }
}

resource "fairlead_image" "app" {
  host   = fairlead_host.web.id
  name   = "example/app:1"
  rootfs = var.rootfs
}

resource "fairlead_network" "front" {
  host = fairlead_host.web.id
  name = "front"
}

resource "fairlead_volume" "site" {
  host = fairlead_host.web.id
  name = "site"
}

resource "fairlead_container" "app" {
  host     = fairlead_host.web.id
  name     = "app"
  image    = fairlead_image.app.ref
  init     = true
  restart  = "unless-stopped"
  memory   = "64m"
  command  = ["sh", "-c", "echo hello > /site/index.html; exec httpd -f -p 8080 -h /site"]
  ports    = [{ published = 8080, target = 8080 }]
  networks = { (fairlead_network.front.name) = { aliases = ["www"] } }
  mounts   = [{ type = "volume", source = fairlead_volume.site.name, target = "/site" }]
}

output "address" {
  value = fairlead_container.app.addresses[fairlead_network.front.name]
}
