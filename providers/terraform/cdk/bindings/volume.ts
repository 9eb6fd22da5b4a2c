// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import { ImportableResource, type IResolvable, type TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { FairleadResource } from "../construct/base.ts";
import { VOLUME, type VolumeConfig } from "./volume-config.ts";

/** A volume on a host. To destroy it destroys its data. */
export class Volume extends FairleadResource {
  static readonly tfResourceType: string = "fairlead_volume";

  /** Code for importing an existing object: `importId` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "fairlead_volume";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

  constructor(scope: Construct, id: string, config: VolumeConfig) {
    super(scope, id, "fairlead_volume", VOLUME, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): VolumeConfig["host"] | undefined {
    return this.given("host") as VolumeConfig["host"] | undefined;
  }
  putHost(value: VolumeConfig["host"]): void {
    this.put("host", value);
  }

  /** Name on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): VolumeConfig["name"] | undefined {
    return this.given("name") as VolumeConfig["name"] | undefined;
  }
  putName(value: VolumeConfig["name"]): void {
    this.put("name", value);
  }
  resetName(): void {
    this.put("name", undefined);
  }

  /** Volume driver. */
  get driver(): string {
    return this.getStringAttribute("driver");
  }
  get driverInput(): VolumeConfig["driver"] | undefined {
    return this.given("driver") as VolumeConfig["driver"] | undefined;
  }
  putDriver(value: VolumeConfig["driver"]): void {
    this.put("driver", value);
  }
  resetDriver(): void {
    this.put("driver", undefined);
  }

  /** Options of the driver. */
  get driverOpts(): { [key: string]: string } {
    return this.getStringMapAttribute("driver_opts");
  }
  get driverOptsInput(): VolumeConfig["driverOpts"] | undefined {
    return this.given("driverOpts") as VolumeConfig["driverOpts"] | undefined;
  }
  putDriverOpts(value: VolumeConfig["driverOpts"]): void {
    this.put("driverOpts", value);
  }
  resetDriverOpts(): void {
    this.put("driverOpts", undefined);
  }

  /** Labels. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }
  get labelsInput(): VolumeConfig["labels"] | undefined {
    return this.given("labels") as VolumeConfig["labels"] | undefined;
  }
  putLabels(value: VolumeConfig["labels"]): void {
    this.put("labels", value);
  }
  resetLabels(): void {
    this.put("labels", undefined);
  }

  /** Take over an object of this name that someone else made. */
  get adopt(): IResolvable {
    return this.interpolationForAttribute("adopt");
  }
  get adoptInput(): VolumeConfig["adopt"] | undefined {
    return this.given("adopt") as VolumeConfig["adopt"] | undefined;
  }
  putAdopt(value: VolumeConfig["adopt"]): void {
    this.put("adopt", value);
  }
  resetAdopt(): void {
    this.put("adopt", undefined);
  }

  /** Where its data is on the host. */
  get mountpoint(): string {
    return this.getStringAttribute("mountpoint");
  }

  /** How long an operation may take. */
  get timeouts(): IResolvable {
    return this.interpolationForAttribute("timeouts");
  }
  get timeoutsInput(): VolumeConfig["timeouts"] | undefined {
    return this.given("timeouts") as VolumeConfig["timeouts"] | undefined;
  }
  putTimeouts(value: VolumeConfig["timeouts"]): void {
    this.put("timeouts", value);
  }
  resetTimeouts(): void {
    this.put("timeouts", undefined);
  }
}
