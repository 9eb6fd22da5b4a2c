// The examples of the docs' pages, by the name of what they show: written here, or made of the
// sample that a kind has of itself.
import { KINDS } from "../../../resources/kinds/registry.ts";
import { snakeCase } from "../schema/attribute.ts";

/** The example of a page; undefined where there is none. */
export function exampleOf(name: string): string | undefined {
  const kind = KINDS.find((one) => name === `fairlead_${one.kind}`);
  return EXAMPLES[name] ?? (kind && sampleText(name, kind.sample));
}

function sampleText(type: string, { name, spec }: { name: string; spec: object }): string {
  const fields = Object.entries({ name, ...spec }).map(([key, one]) => `  ${pair(key, one)}`);
  const host = "  host = fairlead_host.web.id";
  return [`resource "${type}" "${name}" {`, host, ...fields, "}"].join("\n");
}

function pair(key: string, value: unknown): string {
  return `${snakeCase(key)} = ${expression(value)}`;
}

function expression(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(expression).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => pair(key, one))
    .join(", ")} }`;
}

const EXAMPLES: Record<string, string> = {
  provider: `provider "fairlead" {
  private_key = file("~/.ssh/id_ed25519")
}

resource "fairlead_host" "web" {
  connect = { host = "203.0.113.10", user = "deploy" }
}

resource "fairlead_container" "app" {
  host  = fairlead_host.web.id
  image = "nginx:1.27"
  ports = [{ published = 80, target = 80 }]
}`,
  fairlead_host: `resource "fairlead_host" "web" {
  name    = "web-1"
  connect = { host = "203.0.113.10", user = "root", private_key = file("~/.ssh/id_ed25519") }
}

# The key in no state and no plan.
variable "key" {
  type      = string
  ephemeral = true
}
resource "fairlead_host" "db" {
  connect            = { host = "203.0.113.11", user = "root" }
  private_key_wo     = var.key
  connect_wo_version = "1"
}`,
  fairlead_image: `resource "fairlead_image" "app" {
  host    = fairlead_host.web.id
  name    = "example/app:1.4"
  archive = "app.tar"
}`,
  fairlead_container: `resource "fairlead_container" "app" {
  host     = fairlead_host.web.id
  name     = "app"
  image    = fairlead_image.app.ref
  restart  = "unless-stopped"
  memory   = "512m"
  env      = { MODE = "production" }
  ports    = [{ published = 80, target = 8080 }]
  networks = { (fairlead_network.front.name) = { aliases = ["app"] } }
  mounts   = [{ type = "volume", source = fairlead_volume.data.name, target = "/data" }]
  healthcheck = { test = ["CMD", "/bin/check"], interval = "10s" }
}`,
  fairlead_network: `resource "fairlead_network" "front" {
  host    = fairlead_host.web.id
  name    = "front"
  subnets = [{ subnet = "10.231.0.0/24" }]
}`,
  fairlead_volume: `resource "fairlead_volume" "data" {
  host = fairlead_host.web.id
  name = "data"
}`,
  fairlead_compose_stack: `resource "fairlead_compose_stack" "shop" {
  host        = fairlead_host.web.id
  files       = ["\${path.module}/compose.yaml"]
  environment = { TAG = "1.4" }
}

# The file may be text, and its services may be on several hosts by their x-fairlead.
resource "fairlead_compose_stack" "fleet" {
  name  = "fleet"
  hosts = { web = fairlead_host.web.id, db = "ssh://root@203.0.113.11" }
  content = yamlencode({
    services = {
      app = { image = "nginx:1.27", x-fairlead = { host = "web" } }
      db  = { image = "postgres:17", x-fairlead = { host = "db" } }
    }
  })
}`,
  fairlead_tunnel: `ephemeral "fairlead_tunnel" "web" {
  host = fairlead_host.web.id
}

provider "docker" {
  host = ephemeral.fairlead_tunnel.web.docker_host
}`,
  parse_reference: `output "registry" {
  value = provider::fairlead::parse_reference("ghcr.io/example/app:1.4").domain
}`,
  duration_seconds: `output "seconds" {
  value = provider::fairlead::duration_seconds("1m30s") # 90
}`,
  format_duration: `output "text" {
  value = provider::fairlead::format_duration(90) # "1m30s"
}`,
};
