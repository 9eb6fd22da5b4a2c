// The guides of the docs: what no single page of a resource says.

export interface Guide {
  title: string;
  doc: string;
  text: string;
}

const PROGRAM = `import * as fairlead from "fairlead/cdktf";

new fairlead.FairleadProvider(this, "fairlead");
const connection = { host: droplet.ipv4Address, user: "root", privateKey: key.privateKeyOpenssh };
const web = new fairlead.Host(this, "web", { connection });
new fairlead.Container(this, "app", {
  host: web.id,
  image: "nginx:1.27",
  ports: [{ published: 80, target: 80 }],
});
const hosts = { web, db: "ssh://root@203.0.113.11" };
new fairlead.Fleet(this, "agent", { hosts, image: "agent:1" });
new fairlead.ComposeStack(this, "shop", { host: web, files: ["compose.yaml"] });`;

const CARRIER = `const host = new NullHost(this, "web", { address: "ssh://root@203.0.113.10" });
new NullStack(this, "shop", {
  hosts: { web: host },
  compose: { services: { app: { image: "nginx:1.27", "x-fairlead": { host: "web" } } } },
});`;

const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\`\n`;

export const GUIDES: Record<string, Guide> = {
  cdktf: {
    title: "CDK for Terraform",
    doc: "The same resources as constructs, for cdktf and its successor cdktn.",
    text: `\
\`fairlead/cdktf\` is for cdktf 0.21, \`fairlead/cdktn\` for cdktn 0.24: two builds of one
source, because a construct made for one does not work in an app of the other.

${fenced("typescript", PROGRAM)}
- \`Host\`, \`Image\`, \`Container\`, \`Network\`, \`Volume\` and the \`Data…\` classes are the
  resources and data sources of these pages, with \`tfResourceType\`, getters, \`…Input\`,
  \`put…\`, \`reset…\` and \`generateConfigForImport\`. The fields of \`connect\` are in
  \`connection\`.
- \`Fleet\` is one container over many hosts, with \`overrides\` by host.
- \`ComposeStack\` is a Compose file: \`files\`, \`content\`, or \`compose\`, an object in which
  values may come from other resources. \`container("app")\` tells what is known of a container.
- Run \`cdktf deploy --skip-provider-lock\`: the lock command of cdktf asks a registry, and none
  knows this provider. The \`Testing\` helpers work as with any provider; they run terraform,
  which must find it.
`,
  },
  "null-carrier": {
    title: "Without the provider",
    doc: "Stacks carried by null_resource or terraform_data, where no third-party provider may be.",
    text: `\
\`NullHost\` and \`NullStack\` of \`fairlead/cdktf\` run \`fairlead up\` when Terraform applies
and \`fairlead down\` when it destroys.

${fenced("typescript", CARRIER)}
\`runner\` is \`"null_resource"\`, for which the provider hashicorp/null is needed, or
\`"terraform_data"\`, which is built into Terraform. \`command\` is the fairlead command, \`npx
--no-install fairlead\` by default; it runs on the machine that runs Terraform, in a shell that
has \`printf\`.

What it can do: a change of the declaration updates what runs, in place where that is possible.
A service that is left out goes. Destroying takes everything down but the volumes, unless
\`removeVolumes\` says so.

What it cannot:

- A plan shows that the declaration changed, not what changes on a host, and never drift:
  Terraform asks no host. \`fairlead plan\` does. An apply of something else repairs nothing.
- There are no attributes of containers to refer to, no import, and no write-only values.
- The state remembers, for the end, the project, the addresses, host keys and the **path** of a
  private key, never a key or password; SSH agents and \`~/.ssh/config\` work as with the
  command. The key must still be at that path when the stack is destroyed.
- With \`null_resource\` another way to a host (address, key path, host key) takes the stack
  down and brings it up again, because whatever a null_resource remembers replaces it.
  \`terraform_data\` changes in place, and only hosts that are added, removed or renamed do
  that.
- The declaration is in the environment of the process that applies. Give secrets as files.
`,
  },
  "from-docker": {
    title: "Coming from the Docker provider",
    doc: "What takes the place of what kreuzwerker/docker has and this provider has not.",
    text: `\
Attributes have the names of the Compose Specification, so \`command\`, \`env\`, \`ports\`,
\`mounts\`, \`networks\` and the limits read as they do there. The rest:

- \`registry_auth\`: The credentials of \`docker login\` on the machine that runs Terraform, for
  one pull at a time.
- \`build\`: Has the names of Compose's \`build:\`; an image is built again when its files, its
  Dockerfile or an argument has changed. For several platforms at once, build elsewhere:
  \`archive\` takes the result (\`docker save\`, an OCI tool), a registry the rest.
- \`registry_image\`, \`tag\`, their data sources: Push and tag where you build; \`image\` names
  what runs, \`pull = "always"\` follows the registry's digest.
- \`triggers\`: Not needed for files; else \`lifecycle { replace_triggered_by = [...] }\`, which
  destroys and creates.
- \`keep_locally\`, \`force_remove\` of an image: An image stays while a container uses it, with
  a warning; a \`removed\` block with \`destroy = false\` keeps it in any case.
- \`attach\`, \`logs\`: The data source \`fairlead_container_logs\`.
- \`exit_code\`, \`must_run = false\`: \`job = true\`: it must end with exit code 0, and
  \`status\` is \`completed\`.
- \`start = false\`, \`rm\`: What is declared runs; leave the resource out instead.
- \`publish_all_ports\`: \`ports\` with a \`target\` alone: the host chooses the port, for each
  that you name.
- \`cpu_period\`, \`cpu_quota\`: \`cpus\`, of which they are made.
- \`gpus\`: \`devices\` and \`device_cgroup_rules\`, or a \`runtime\` of the host that sees to
  it.
- \`cgroup_parent\`, \`storage_opts\`, \`memory_swappiness\`: Nothing: the engine's own setting
  holds for all its containers.
- \`remove_volumes\`: Anonymous volumes are kept when a container is made anew, and stay when it
  goes; name what matters.
- tmpfs and volume options of a mount: \`size\`, \`mode\`, \`read_only\`; driver options belong
  to the volume resource.
- \`ipam_options\`, \`ingress\`, \`scope\` of a network: Nothing: they are of swarms and drivers
  from outside.
- services, configs, secrets, plugins of a swarm: A container on each host, with \`files\` for
  configs and secrets.

\`terraform import\` of a container says which of its options no attribute can carry.
`,
  },
  opentofu: {
    title: "OpenTofu",
    doc: "The same provider and the same files, with tofu in place of terraform.",
    text: `\
OpenTofu speaks the same protocol and reads the same configuration files and plugin folders, so
\`fairlead terraform install\`, its mirror and its \`dev-rc\` serve both. The suites that drive
terraform were run with OpenTofu 1.12.6; \`npm run test:opentofu\` runs them with the \`tofu\`
on the PATH. Write-only values and ephemeral resources need OpenTofu 1.11.
`,
  },
};
