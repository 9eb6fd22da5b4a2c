// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_VOLUME, type DataVolumeConfig } from "./data-volume-config.ts";

/** What a volume on a host is. */
export class DataVolume extends FairleadData {
  static readonly tfResourceType: string = "fairlead_volume";

  constructor(scope: Construct, id: string, config: DataVolumeConfig) {
    super(scope, id, "fairlead_volume", DATA_VOLUME, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataVolumeConfig["host"] | undefined {
    return this.given("host") as DataVolumeConfig["host"] | undefined;
  }
  putHost(value: DataVolumeConfig["host"]): void {
    this.put("host", value);
  }

  /** Name on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): DataVolumeConfig["name"] | undefined {
    return this.given("name") as DataVolumeConfig["name"] | undefined;
  }
  putName(value: DataVolumeConfig["name"]): void {
    this.put("name", value);
  }

  /** Volume driver. */
  get driver(): string {
    return this.getStringAttribute("driver");
  }

  /** Options of the driver. */
  get driverOpts(): { [key: string]: string } {
    return this.getStringMapAttribute("driver_opts");
  }

  /** Labels. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }

  /** Where its data is on the host. */
  get mountpoint(): string {
    return this.getStringAttribute("mountpoint");
  }
}
