// Hosts and stacks without a provider of ours, for places that allow no third-party provider: a
// null_resource (or terraform_data) whose provisioners run the fairlead command. Its plan shows
// that a declaration changed, not that a host did. No secret gets into it.
import { DataResource, Fn, type LocalExecProvisioner, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { NullResource, needNullProvider } from "./null-resource.ts";

export type Runner = "null_resource" | "terraform_data";

export interface NullHostConfig {
  /** `ssh://[USER@]HOST[:PORT]` or `local`; may be known only after another resource is made. */
  readonly address: string;
  /** Path of a private key file on the machine that runs Terraform. The key itself is refused. */
  readonly privateKeyPath?: string;
  /** Public key or SHA256: fingerprint that the host must show. */
  readonly hostKey?: string;
  /** `docker` or `podman` to use an engine that is there. Default: fairlead's own. */
  readonly engine?: string;
  /** Socket of that engine on the host. */
  readonly socket?: string;
}

/** How a host is reached. Makes nothing by itself; a NullStack carries it along. */
export class NullHost extends Construct {
  readonly config: NullHostConfig;

  constructor(scope: Construct, id: string, config: NullHostConfig) {
    super(scope, id);
    if (config.privateKeyPath?.includes("PRIVATE KEY")) {
      throw new Error(`${id}: give the path of the private key, which is not kept in a state`);
    }
    this.config = config;
  }

  /**
   * The host as a Compose file has it; an address is joined by the command, so it may be unknown.
   */
  toCompose(): string | Record<string, string> {
    const { address, privateKeyPath, hostKey, engine, socket } = this.config;
    const more = { privateKey: privateKeyPath, hostKey, engine, socket };
    const given = Object.entries(more).filter(([, value]) => value !== undefined);
    if (given.length === 0) return address;
    return { host: address, ...Object.fromEntries(given) } as Record<string, string>;
  }
}

export interface NullStackConfig {
  /** The services, networks and volumes, as a Compose file has them, with a host each. */
  readonly compose: Record<string, unknown>;
  readonly hosts: { readonly [name: string]: NullHost };
  /** Project name, which marks what belongs to it. Default: the id of this construct. */
  readonly project?: string;
  /**
   * What carries it. Default `null_resource`. `terraform_data` needs no plugin at all, and when
   * only the way to a host changes it takes nothing down.
   */
  readonly runner?: Runner;
  /** The fairlead command. Default `npx --no-install fairlead`. */
  readonly command?: string;
  /** Remove volumes and their data when this is destroyed. Default false. */
  readonly removeVolumes?: boolean;
}

/**
 * Containers on hosts, made by the fairlead command when Terraform applies. A change of the
 * declaration updates what runs; a service that is left out goes; the end of this takes it down. A
 * plan sees no drift, because Terraform asks no host.
 */
export class NullStack extends Construct {
  /** The resource that carries the stack, to depend on. */
  readonly resource: TerraformResource;

  constructor(scope: Construct, id: string, config: NullStackConfig) {
    super(scope, id);
    const { runner = "null_resource", command = "npx --no-install fairlead" } = config;
    const project = config.project ?? id.toLowerCase();
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(project)) {
      throw new Error(`${project}: a project is lowercase letters, digits, - or _`);
    }
    const hosts = Object.entries(config.hosts).map(([name, host]) => [name, host.toCompose()]);
    const file = {
      name: project,
      ...config.compose,
      "x-fairlead": { hosts: Object.fromEntries(hosts) },
    };
    // Not the stack's content decides whether it is replaced but its name: a change of the content
    // runs `up` again beside what runs, and only the end of this resource runs `down`.
    const carried = { project, file, command, volumes: config.removeVolumes === true };
    this.resource = runner === "terraform_data" ? data(this, carried) : nulls(this, carried);
  }
}

const UP = (command: string) =>
  `printf '%s' "$FAIRLEAD_STACK" | ${command} -f - up --yes --remove-orphans`;
const DOWN = (command: string, volumes: boolean) =>
  `printf '%s' "$FAIRLEAD_STACK" | ${command} -f - down --yes${volumes ? " --volumes" : ""}`;

// Two resources: the outer is replaced by every change and runs `up`; the inner stays with the
// project and its hosts, and runs `down` when it goes, with what it remembers of them.
interface Carried {
  project: string;
  file: object;
  command: string;
  volumes: boolean;
}

// Whatever a null_resource remembers replaces it when it changes, the way to a host too.
function nulls(scope: Construct, carried: Carried): TerraformResource {
  const { project, file } = carried;
  needNullProvider(scope);
  const anchor = new NullResource(scope, "anchor", {
    triggers: { project, hosts: Fn.jsonencode(hostsOf(file)) },
    provisioners: [down(carried, "self.triggers")],
  });
  return new NullResource(scope, "stack", {
    triggers: { stack: Fn.sha256(Fn.jsonencode(file)), anchor: anchor.id },
    provisioners: [up(carried)],
  });
}

// The input of a terraform_data changes in place: another address or key takes nothing down.
function data(scope: Construct, carried: Carried): TerraformResource {
  const { project, file } = carried;
  const hosts = hostsOf(file);
  const anchor = new DataResource(scope, "anchor", {
    triggersReplace: [project, ...Object.keys(hosts).sort()],
    input: { project, hosts: Fn.jsonencode(hosts) },
    provisioners: [down(carried, "self.input")],
  });
  return new DataResource(scope, "stack", {
    triggersReplace: { stack: Fn.sha256(Fn.jsonencode(file)), anchor: anchor.id },
    provisioners: [up(carried)],
  });
}

function up({ command, file }: Carried): LocalExecProvisioner {
  const environment = { FAIRLEAD_STACK: Fn.jsonencode(file) };
  return { type: "local-exec", command: UP(command), environment };
}

function down({ command, volumes }: Carried, remembered: string): LocalExecProvisioner {
  const [project, hosts] = ["project", "hosts"].map((name) => `\${${remembered}.${name}}`);
  const stack = `{"name":"${project}","services":{},"x-fairlead":{"hosts":${hosts}}}`;
  return {
    type: "local-exec",
    when: "destroy",
    command: DOWN(command, volumes),
    environment: { FAIRLEAD_STACK: stack },
  };
}

function hostsOf(file: object): object {
  return (file as { "x-fairlead": { hosts: object } })["x-fairlead"].hosts;
}
