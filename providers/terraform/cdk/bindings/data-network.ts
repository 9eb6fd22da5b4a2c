// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_NETWORK, type DataNetworkConfig } from "./data-network-config.ts";

/** What a network on a host is. */
export class DataNetwork extends FairleadData {
  static readonly tfResourceType: string = "fairlead_network";

  constructor(scope: Construct, id: string, config: DataNetworkConfig) {
    super(scope, id, "fairlead_network", DATA_NETWORK, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataNetworkConfig["host"] | undefined {
    return this.given("host") as DataNetworkConfig["host"] | undefined;
  }
  putHost(value: DataNetworkConfig["host"]): void {
    this.put("host", value);
  }

  /** Name on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): DataNetworkConfig["name"] | undefined {
    return this.given("name") as DataNetworkConfig["name"] | undefined;
  }
  putName(value: DataNetworkConfig["name"]): void {
    this.put("name", value);
  }

  /** Network driver. */
  get driver(): string {
    return this.getStringAttribute("driver");
  }

  /** Options of the driver. */
  get driverOpts(): { [key: string]: string } {
    return this.getStringMapAttribute("driver_opts");
  }

  /** No way out of the network. */
  get internal(): IResolvable {
    return this.interpolationForAttribute("internal");
  }

  /** Containers may be attached by hand. */
  get attachable(): IResolvable {
    return this.interpolationForAttribute("attachable");
  }

  /** Gives IPv6 addresses too. */
  get enableIpv6(): IResolvable {
    return this.interpolationForAttribute("enable_ipv6");
  }

  /** Address management driver. */
  get ipamDriver(): string {
    return this.getStringAttribute("ipam_driver");
  }

  /** Subnets with gateways and ranges. */
  get subnets(): IResolvable {
    return this.interpolationForAttribute("subnets");
  }

  /** Labels. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }

  /** Id of the network on the host. */
  get networkId(): string {
    return this.getStringAttribute("network_id");
  }
}
