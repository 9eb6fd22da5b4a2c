// One container over many hosts: the same declaration, one resource for each host.
import { Construct } from "constructs";
import { Container } from "./bindings/container.ts";
import type { ContainerConfig } from "./bindings/container-config.ts";
import type { Host } from "./bindings/host.ts";

export interface FleetConfig extends Omit<ContainerConfig, "host" | "name" | "forEach" | "count"> {
  /** The hosts by name: a host resource, its id, or an address. */
  readonly hosts: { [name: string]: Host | string };
  /** Name of the container on every host. Default: the id of this construct. */
  readonly name?: string;
  /** What differs on one host, by its name. */
  readonly overrides?: { [host: string]: Partial<ContainerConfig> };
}

/** A container on each of some hosts. */
export class Fleet extends Construct {
  /** The containers by the name of their host. */
  readonly containers: { readonly [host: string]: Container };

  constructor(scope: Construct, id: string, config: FleetConfig) {
    super(scope, id);
    const { hosts, overrides = {}, name = id, ...same } = config;
    const unknown = Object.keys(overrides).filter((host) => !Object.hasOwn(hosts, host));
    if (unknown.length > 0) throw new Error(`overrides of ${unknown.join(", ")}, which is no host`);
    this.containers = Object.fromEntries(
      Object.entries(hosts).map(([key, host]) => {
        const place = typeof host === "string" ? host : host.id;
        const own = { ...same, name, ...overrides[key], host: place };
        return [key, new Container(this, key, own)];
      }),
    );
  }
}
