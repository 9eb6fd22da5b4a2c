// What a Compose file declares, on hosts of the same stack: the file, its text, or the same as an
// object of the program, in which values may come from other resources.
import { isAbsolute, resolve } from "node:path";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { ComposeStackResource } from "./bindings/compose-stack-resource.ts";
import type { ComposeStackResourceConfig } from "./bindings/compose-stack-resource-config.ts";
import type { Host } from "./bindings/host.ts";

type Own = "host" | "hosts" | "files" | "content" | "forEach" | "count";

export interface ComposeStackConfig extends Omit<ComposeStackResourceConfig, Own> {
  /** Where everything runs: a host resource, its id, or an address. */
  readonly host?: Host | string;
  /** Hosts by the names that `x-fairlead` says in the file. */
  readonly hosts?: { readonly [name: string]: Host | string };
  /** The files, each overriding those before it; relative to the program's working folder. */
  readonly files?: string[];
  /** The file as text, as it would be in a file. */
  readonly content?: string;
  /** The file as an object. */
  readonly compose?: { readonly [key: string]: unknown };
}

/** The containers, networks and volumes of a Compose file. */
export class ComposeStack extends Construct {
  readonly resource: ComposeStackResource;

  constructor(scope: Construct, id: string, config: ComposeStackConfig) {
    super(scope, id);
    const { host, hosts, files, content, compose, directory, envFiles, ...same } = config;
    const sources = [files, content, compose].filter((one) => one !== undefined);
    if (sources.length !== 1) throw new Error(`${id}: give one of files, content and compose`);
    if ((host === undefined) === (hosts === undefined)) {
      throw new Error(`${id}: give either host or hosts`);
    }
    const entries = Object.entries(hosts ?? {}).map(([name, one]) => [name, idOf(one)]);
    const text = compose === undefined ? content && literal(content) : Fn.jsonencode(compose);
    // Terraform runs in the folder of the synthesized stack, not in that of the program.
    this.resource = new ComposeStackResource(this, "stack", {
      ...{ name: id.toLowerCase(), ...same },
      ...(host === undefined ? { hosts: Object.fromEntries(entries) } : { host: idOf(host) }),
      ...(files && { files: files.map(here) }),
      ...(text !== undefined && { content: text }),
      ...(envFiles && { envFiles: envFiles.map(here) }),
      ...(files && directory === undefined ? {} : { directory: here(directory ?? ".") }),
    });
  }

  /**
   * What is known of a container once it runs: `NAME`, or `HOST/NAME` where there are `hosts`.
   */
  container(name: string): { containerId: string; imageId: string; status: string } {
    const of = (field: string) =>
      Token.asString(Fn.lookupNested(this.resource.containers, [name, field]));
    return {
      containerId: of("container_id"),
      imageId: of("image_id"),
      status: of("status"),
    };
  }
}

function idOf(host: Host | string): string {
  return typeof host === "string" ? host : host.id;
}

function here(path: string): string {
  return Token.isUnresolved(path) || isAbsolute(path) ? path : resolve(path);
}

// Text that no token is in is meant for Compose as it stands, its ${VARIABLES} too.
function literal(content: string): string {
  if (Token.isUnresolved(content)) return content;
  return content.replace(/[$%](?=\{)/g, "$&$&");
}
