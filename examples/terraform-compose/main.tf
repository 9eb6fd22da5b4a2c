# A Compose file as it is, made and kept by Terraform: the plan shows every object and field of it.
# The file calls its host `local`; here that may be any host. sh examples/hello/make-rootfs.sh makes
# the root file system that it names.
terraform {
  required_providers {
    fairlead = { source = "registry.fairlead.invalid/fairlead/fairlead" }
  }
}

variable "address" {
  description = "local, unix:///SOCKET or ssh://[USER@]HOST."
  type        = string
  default     = "local"
}
variable "file" {
  type    = string
  default = "../hello/compose.yaml"
}

resource "fairlead_compose_stack" "hello" {
  hosts          = { local = var.address }
  files          = [var.file]
  remove_volumes = true
}

output "web" {
  value = fairlead_compose_stack.hello.containers["local/web"].status
}
