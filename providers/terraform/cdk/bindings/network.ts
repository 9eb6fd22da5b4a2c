// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import { ImportableResource, type IResolvable, type TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { FairleadResource } from "../construct/base.ts";
import { NETWORK, type NetworkConfig } from "./network-config.ts";

/** A network on a host. */
export class Network extends FairleadResource {
  static readonly tfResourceType: string = "fairlead_network";

  /** Code for importing an existing object: `importId` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "fairlead_network";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

  constructor(scope: Construct, id: string, config: NetworkConfig) {
    super(scope, id, "fairlead_network", NETWORK, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): NetworkConfig["host"] | undefined {
    return this.given("host") as NetworkConfig["host"] | undefined;
  }
  putHost(value: NetworkConfig["host"]): void {
    this.put("host", value);
  }

  /** Name on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): NetworkConfig["name"] | undefined {
    return this.given("name") as NetworkConfig["name"] | undefined;
  }
  putName(value: NetworkConfig["name"]): void {
    this.put("name", value);
  }
  resetName(): void {
    this.put("name", undefined);
  }

  /** Network driver. */
  get driver(): string {
    return this.getStringAttribute("driver");
  }
  get driverInput(): NetworkConfig["driver"] | undefined {
    return this.given("driver") as NetworkConfig["driver"] | undefined;
  }
  putDriver(value: NetworkConfig["driver"]): void {
    this.put("driver", value);
  }
  resetDriver(): void {
    this.put("driver", undefined);
  }

  /** Options of the driver. */
  get driverOpts(): { [key: string]: string } {
    return this.getStringMapAttribute("driver_opts");
  }
  get driverOptsInput(): NetworkConfig["driverOpts"] | undefined {
    return this.given("driverOpts") as NetworkConfig["driverOpts"] | undefined;
  }
  putDriverOpts(value: NetworkConfig["driverOpts"]): void {
    this.put("driverOpts", value);
  }
  resetDriverOpts(): void {
    this.put("driverOpts", undefined);
  }

  /** No way out of the network. */
  get internal(): IResolvable {
    return this.interpolationForAttribute("internal");
  }
  get internalInput(): NetworkConfig["internal"] | undefined {
    return this.given("internal") as NetworkConfig["internal"] | undefined;
  }
  putInternal(value: NetworkConfig["internal"]): void {
    this.put("internal", value);
  }
  resetInternal(): void {
    this.put("internal", undefined);
  }

  /** Containers may be attached by hand. */
  get attachable(): IResolvable {
    return this.interpolationForAttribute("attachable");
  }
  get attachableInput(): NetworkConfig["attachable"] | undefined {
    return this.given("attachable") as NetworkConfig["attachable"] | undefined;
  }
  putAttachable(value: NetworkConfig["attachable"]): void {
    this.put("attachable", value);
  }
  resetAttachable(): void {
    this.put("attachable", undefined);
  }

  /** Gives IPv6 addresses too. */
  get enableIpv6(): IResolvable {
    return this.interpolationForAttribute("enable_ipv6");
  }
  get enableIpv6Input(): NetworkConfig["enableIpv6"] | undefined {
    return this.given("enableIpv6") as NetworkConfig["enableIpv6"] | undefined;
  }
  putEnableIpv6(value: NetworkConfig["enableIpv6"]): void {
    this.put("enableIpv6", value);
  }
  resetEnableIpv6(): void {
    this.put("enableIpv6", undefined);
  }

  /** Address management driver. */
  get ipamDriver(): string {
    return this.getStringAttribute("ipam_driver");
  }
  get ipamDriverInput(): NetworkConfig["ipamDriver"] | undefined {
    return this.given("ipamDriver") as NetworkConfig["ipamDriver"] | undefined;
  }
  putIpamDriver(value: NetworkConfig["ipamDriver"]): void {
    this.put("ipamDriver", value);
  }
  resetIpamDriver(): void {
    this.put("ipamDriver", undefined);
  }

  /** Subnets with gateways and ranges. */
  get subnets(): IResolvable {
    return this.interpolationForAttribute("subnets");
  }
  get subnetsInput(): NetworkConfig["subnets"] | undefined {
    return this.given("subnets") as NetworkConfig["subnets"] | undefined;
  }
  putSubnets(value: NetworkConfig["subnets"]): void {
    this.put("subnets", value);
  }
  resetSubnets(): void {
    this.put("subnets", undefined);
  }

  /** Labels. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }
  get labelsInput(): NetworkConfig["labels"] | undefined {
    return this.given("labels") as NetworkConfig["labels"] | undefined;
  }
  putLabels(value: NetworkConfig["labels"]): void {
    this.put("labels", value);
  }
  resetLabels(): void {
    this.put("labels", undefined);
  }

  /** Take over an object of this name that someone else made. */
  get adopt(): IResolvable {
    return this.interpolationForAttribute("adopt");
  }
  get adoptInput(): NetworkConfig["adopt"] | undefined {
    return this.given("adopt") as NetworkConfig["adopt"] | undefined;
  }
  putAdopt(value: NetworkConfig["adopt"]): void {
    this.put("adopt", value);
  }
  resetAdopt(): void {
    this.put("adopt", undefined);
  }

  /** Id of the network on the host. */
  get networkId(): string {
    return this.getStringAttribute("network_id");
  }

  /** How a change makes the network anew in its place, and why; empty when it does not. */
  get replacement(): string {
    return this.getStringAttribute("replacement");
  }

  /** How long an operation may take. */
  get timeouts(): IResolvable {
    return this.interpolationForAttribute("timeouts");
  }
  get timeoutsInput(): NetworkConfig["timeouts"] | undefined {
    return this.given("timeouts") as NetworkConfig["timeouts"] | undefined;
  }
  putTimeouts(value: NetworkConfig["timeouts"]): void {
    this.put("timeouts", value);
  }
  resetTimeouts(): void {
    this.put("timeouts", undefined);
  }
}
