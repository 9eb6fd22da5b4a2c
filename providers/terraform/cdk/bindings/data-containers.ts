// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_CONTAINERS, type DataContainersConfig } from "./data-containers-config.ts";

/** The containers of a host, running or not, by whomever they were made. */
export class DataContainers extends FairleadData {
  static readonly tfResourceType: string = "fairlead_containers";

  constructor(scope: Construct, id: string, config: DataContainersConfig) {
    super(scope, id, "fairlead_containers", DATA_CONTAINERS, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataContainersConfig["host"] | undefined {
    return this.given("host") as DataContainersConfig["host"] | undefined;
  }
  putHost(value: DataContainersConfig["host"]): void {
    this.put("host", value);
  }

  /** Only those that have all these labels. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }
  get labelsInput(): DataContainersConfig["labels"] | undefined {
    return this.given("labels") as DataContainersConfig["labels"] | undefined;
  }
  putLabels(value: DataContainersConfig["labels"]): void {
    this.put("labels", value);
  }
  resetLabels(): void {
    this.put("labels", undefined);
  }

  /** Sorted by name. */
  get containers(): IResolvable {
    return this.interpolationForAttribute("containers");
  }
}
