// The guides of the docs: what no single page of a resource says.
import { fromDocker } from "./from-docker.ts";

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
    doc: "What stands here for each attribute of kreuzwerker/docker.",
    text: fromDocker(),
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
