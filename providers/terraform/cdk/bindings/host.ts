// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import { ImportableResource, type IResolvable, type TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { FairleadResource } from "../construct/base.ts";
import { HOST, type HostConfig } from "./host-config.ts";

/** A Linux host that is reached over SSH, and the engine on it. */
export class Host extends FairleadResource {
  static readonly tfResourceType: string = "fairlead_host";

  /** Code for importing an existing object: `importId` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "fairlead_host";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

  constructor(scope: Construct, id: string, config: HostConfig) {
    super(scope, id, "fairlead_host", HOST, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Name of the host, in ids and messages. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): HostConfig["name"] | undefined {
    return this.given("name") as HostConfig["name"] | undefined;
  }
  putName(value: HostConfig["name"]): void {
    this.put("name", value);
  }
  resetName(): void {
    this.put("name", undefined);
  }

  /** How the host is reached. A change of it touches nothing on the host. */
  get connect(): IResolvable {
    return this.interpolationForAttribute("connect");
  }

  /**
   * Private key, or the path of its file. Kept in no plan and no state. Needs Terraform
   * 1.11.
   */
  get privateKeyWo(): string {
    return this.getStringAttribute("private_key_wo");
  }
  get privateKeyWoInput(): HostConfig["privateKeyWo"] | undefined {
    return this.given("privateKeyWo") as HostConfig["privateKeyWo"] | undefined;
  }
  putPrivateKeyWo(value: HostConfig["privateKeyWo"]): void {
    this.put("privateKeyWo", value);
  }
  resetPrivateKeyWo(): void {
    this.put("privateKeyWo", undefined);
  }

  /** Passphrase of the private key. Kept in no plan and no state. Needs Terraform 1.11. */
  get privateKeyPasswordWo(): string {
    return this.getStringAttribute("private_key_password_wo");
  }
  get privateKeyPasswordWoInput(): HostConfig["privateKeyPasswordWo"] | undefined {
    return this.given("privateKeyPasswordWo") as HostConfig["privateKeyPasswordWo"] | undefined;
  }
  putPrivateKeyPasswordWo(value: HostConfig["privateKeyPasswordWo"]): void {
    this.put("privateKeyPasswordWo", value);
  }
  resetPrivateKeyPasswordWo(): void {
    this.put("privateKeyPasswordWo", undefined);
  }

  /** Password to log in with. Kept in no plan and no state. Needs Terraform 1.11. */
  get passwordWo(): string {
    return this.getStringAttribute("password_wo");
  }
  get passwordWoInput(): HostConfig["passwordWo"] | undefined {
    return this.given("passwordWo") as HostConfig["passwordWo"] | undefined;
  }
  putPasswordWo(value: HostConfig["passwordWo"]): void {
    this.put("passwordWo", value);
  }
  resetPasswordWo(): void {
    this.put("passwordWo", undefined);
  }

  /** Password for sudo. Kept in no plan and no state. Needs Terraform 1.11. */
  get becomePasswordWo(): string {
    return this.getStringAttribute("become_password_wo");
  }
  get becomePasswordWoInput(): HostConfig["becomePasswordWo"] | undefined {
    return this.given("becomePasswordWo") as HostConfig["becomePasswordWo"] | undefined;
  }
  putBecomePasswordWo(value: HostConfig["becomePasswordWo"]): void {
    this.put("becomePasswordWo", value);
  }
  resetBecomePasswordWo(): void {
    this.put("becomePasswordWo", undefined);
  }

  /** Change it together with what is write-only. */
  get connectWoVersion(): string {
    return this.getStringAttribute("connect_wo_version");
  }
  get connectWoVersionInput(): HostConfig["connectWoVersion"] | undefined {
    return this.given("connectWoVersion") as HostConfig["connectWoVersion"] | undefined;
  }
  putConnectWoVersion(value: HostConfig["connectWoVersion"]): void {
    this.put("connectWoVersion", value);
  }
  resetConnectWoVersion(): void {
    this.put("connectWoVersion", undefined);
  }

  /** Remove the agent when this is destroyed; refused while containers are there. */
  get uninstall(): IResolvable {
    return this.interpolationForAttribute("uninstall");
  }
  get uninstallInput(): HostConfig["uninstall"] | undefined {
    return this.given("uninstall") as HostConfig["uninstall"] | undefined;
  }
  putUninstall(value: HostConfig["uninstall"]): void {
    this.put("uninstall", value);
  }
  resetUninstall(): void {
    this.put("uninstall", undefined);
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

  /** How long an operation may take. */
  get timeouts(): IResolvable {
    return this.interpolationForAttribute("timeouts");
  }
  get timeoutsInput(): HostConfig["timeouts"] | undefined {
    return this.given("timeouts") as HostConfig["timeouts"] | undefined;
  }
  putTimeouts(value: HostConfig["timeouts"]): void {
    this.put("timeouts", value);
  }
  resetTimeouts(): void {
    this.put("timeouts", undefined);
  }
}
