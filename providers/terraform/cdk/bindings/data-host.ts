// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_HOST, type DataHostConfig } from "./data-host-config.ts";

/** What a host is, without installing anything there. */
export class DataHost extends FairleadData {
  static readonly tfResourceType: string = "fairlead_host";

  constructor(scope: Construct, id: string, config: DataHostConfig) {
    super(scope, id, "fairlead_host", DATA_HOST, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /**
   * Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. Or
   * else give `connect`.
   */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataHostConfig["host"] | undefined {
    return this.given("host") as DataHostConfig["host"] | undefined;
  }
  putHost(value: DataHostConfig["host"]): void {
    this.put("host", value);
  }
  resetHost(): void {
    this.put("host", undefined);
  }

  /** How the host is reached. */
  get connect(): IResolvable {
    return this.interpolationForAttribute("connect");
  }

  /** Version of the engine that answers. */
  get engineVersion(): string {
    return this.getStringAttribute("engine_version");
  }

  /** Version of the Docker Engine API in use. */
  get apiVersion(): string {
    return this.getStringAttribute("api_version");
  }

  /** Version of the agent that an apply brings. */
  get upgrade(): string {
    return this.getStringAttribute("upgrade");
  }

  /** Architecture, such as `x86_64`. */
  get architecture(): string {
    return this.getStringAttribute("architecture");
  }

  /** Operating system. */
  get operatingSystem(): string {
    return this.getStringAttribute("operating_system");
  }

  /** Version of the kernel. */
  get kernel(): string {
    return this.getStringAttribute("kernel");
  }

  /** Number of processors. */
  get cpus(): number {
    return this.getNumberAttribute("cpus");
  }

  /** Size of the memory. */
  get memoryBytes(): number {
    return this.getNumberAttribute("memory_bytes");
  }
}
