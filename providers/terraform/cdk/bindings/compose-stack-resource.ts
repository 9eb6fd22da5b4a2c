// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import { ImportableResource, type IResolvable, type TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { FairleadResource } from "../construct/base.ts";
import {
  COMPOSE_STACK_RESOURCE,
  type ComposeStackResourceConfig,
} from "./compose-stack-resource-config.ts";

/** What Compose files declare, on a host or several: one project, planned as a whole. */
export class ComposeStackResource extends FairleadResource {
  static readonly tfResourceType: string = "fairlead_compose_stack";

  /** Code for importing an existing object: `importId` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "fairlead_compose_stack";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

  constructor(scope: Construct, id: string, config: ComposeStackResourceConfig) {
    super(scope, id, "fairlead_compose_stack", COMPOSE_STACK_RESOURCE, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Name of the project, which marks what belongs to it. One that no one else uses there. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): ComposeStackResourceConfig["name"] | undefined {
    return this.given("name") as ComposeStackResourceConfig["name"] | undefined;
  }
  putName(value: ComposeStackResourceConfig["name"]): void {
    this.put("name", value);
  }
  resetName(): void {
    this.put("name", undefined);
  }

  /** Where everything runs: id of a `fairlead_host`, or an address. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): ComposeStackResourceConfig["host"] | undefined {
    return this.given("host") as ComposeStackResourceConfig["host"] | undefined;
  }
  putHost(value: ComposeStackResourceConfig["host"]): void {
    this.put("host", value);
  }
  resetHost(): void {
    this.put("host", undefined);
  }

  /** Hosts by the names that the file says in `x-fairlead`, each an id or an address. */
  get hosts(): { [key: string]: string } {
    return this.getStringMapAttribute("hosts");
  }
  get hostsInput(): ComposeStackResourceConfig["hosts"] | undefined {
    return this.given("hosts") as ComposeStackResourceConfig["hosts"] | undefined;
  }
  putHosts(value: ComposeStackResourceConfig["hosts"]): void {
    this.put("hosts", value);
  }
  resetHosts(): void {
    this.put("hosts", undefined);
  }

  /** Compose files, in the order in which they override each other. */
  get files(): string[] {
    return this.getListAttribute("files");
  }
  get filesInput(): ComposeStackResourceConfig["files"] | undefined {
    return this.given("files") as ComposeStackResourceConfig["files"] | undefined;
  }
  putFiles(value: ComposeStackResourceConfig["files"]): void {
    this.put("files", value);
  }
  resetFiles(): void {
    this.put("files", undefined);
  }

  /** A Compose file as text, in place of `files`: YAML, or JSON such as `jsonencode` gives. */
  get content(): string {
    return this.getStringAttribute("content");
  }
  get contentInput(): ComposeStackResourceConfig["content"] | undefined {
    return this.given("content") as ComposeStackResourceConfig["content"] | undefined;
  }
  putContent(value: ComposeStackResourceConfig["content"]): void {
    this.put("content", value);
  }
  resetContent(): void {
    this.put("content", undefined);
  }

  /** What relative paths in the files are joined to. */
  get directory(): string {
    return this.getStringAttribute("directory");
  }
  get directoryInput(): ComposeStackResourceConfig["directory"] | undefined {
    return this.given("directory") as ComposeStackResourceConfig["directory"] | undefined;
  }
  putDirectory(value: ComposeStackResourceConfig["directory"]): void {
    this.put("directory", value);
  }
  resetDirectory(): void {
    this.put("directory", undefined);
  }

  /** Variables for the files; those of the shell are not used. */
  get environment(): { [key: string]: string } {
    return this.getStringMapAttribute("environment");
  }
  get environmentInput(): ComposeStackResourceConfig["environment"] | undefined {
    return this.given("environment") as ComposeStackResourceConfig["environment"] | undefined;
  }
  putEnvironment(value: ComposeStackResourceConfig["environment"]): void {
    this.put("environment", value);
  }
  resetEnvironment(): void {
    this.put("environment", undefined);
  }

  /** Further variables, kept in no plan and no state. Needs Terraform 1.11. */
  get environmentWo(): { [key: string]: string } {
    return this.getStringMapAttribute("environment_wo");
  }
  get environmentWoInput(): ComposeStackResourceConfig["environmentWo"] | undefined {
    return this.given("environmentWo") as ComposeStackResourceConfig["environmentWo"] | undefined;
  }
  putEnvironmentWo(value: ComposeStackResourceConfig["environmentWo"]): void {
    this.put("environmentWo", value);
  }
  resetEnvironmentWo(): void {
    this.put("environmentWo", undefined);
  }

  /** Change it together with `environment_wo`. */
  get environmentWoVersion(): string {
    return this.getStringAttribute("environment_wo_version");
  }
  get environmentWoVersionInput(): ComposeStackResourceConfig["environmentWoVersion"] | undefined {
    return this.given("environmentWoVersion") as
      | ComposeStackResourceConfig["environmentWoVersion"]
      | undefined;
  }
  putEnvironmentWoVersion(value: ComposeStackResourceConfig["environmentWoVersion"]): void {
    this.put("environmentWoVersion", value);
  }
  resetEnvironmentWoVersion(): void {
    this.put("environmentWoVersion", undefined);
  }

  /** Files of variables. */
  get envFiles(): string[] {
    return this.getListAttribute("env_files");
  }
  get envFilesInput(): ComposeStackResourceConfig["envFiles"] | undefined {
    return this.given("envFiles") as ComposeStackResourceConfig["envFiles"] | undefined;
  }
  putEnvFiles(value: ComposeStackResourceConfig["envFiles"]): void {
    this.put("envFiles", value);
  }
  resetEnvFiles(): void {
    this.put("envFiles", undefined);
  }

  /** Profiles whose services count. */
  get profiles(): string[] {
    return this.getListAttribute("profiles");
  }
  get profilesInput(): ComposeStackResourceConfig["profiles"] | undefined {
    return this.given("profiles") as ComposeStackResourceConfig["profiles"] | undefined;
  }
  putProfiles(value: ComposeStackResourceConfig["profiles"]): void {
    this.put("profiles", value);
  }
  resetProfiles(): void {
    this.put("profiles", undefined);
  }

  /** Take over what there is of this project already. */
  get adopt(): IResolvable {
    return this.interpolationForAttribute("adopt");
  }
  get adoptInput(): ComposeStackResourceConfig["adopt"] | undefined {
    return this.given("adopt") as ComposeStackResourceConfig["adopt"] | undefined;
  }
  putAdopt(value: ComposeStackResourceConfig["adopt"]): void {
    this.put("adopt", value);
  }
  resetAdopt(): void {
    this.put("adopt", undefined);
  }

  /** Remove containers and networks that the files no longer declare. */
  get removeOrphans(): IResolvable {
    return this.interpolationForAttribute("remove_orphans");
  }
  get removeOrphansInput(): ComposeStackResourceConfig["removeOrphans"] | undefined {
    return this.given("removeOrphans") as ComposeStackResourceConfig["removeOrphans"] | undefined;
  }
  putRemoveOrphans(value: ComposeStackResourceConfig["removeOrphans"]): void {
    this.put("removeOrphans", value);
  }
  resetRemoveOrphans(): void {
    this.put("removeOrphans", undefined);
  }

  /** Destroying this removes its volumes too, with their data. */
  get removeVolumes(): IResolvable {
    return this.interpolationForAttribute("remove_volumes");
  }
  get removeVolumesInput(): ComposeStackResourceConfig["removeVolumes"] | undefined {
    return this.given("removeVolumes") as ComposeStackResourceConfig["removeVolumes"] | undefined;
  }
  putRemoveVolumes(value: ComposeStackResourceConfig["removeVolumes"]): void {
    this.put("removeVolumes", value);
  }
  resetRemoveVolumes(): void {
    this.put("removeVolumes", undefined);
  }

  /** What the files declare, by `HOST/KIND/NAME` and field. */
  get objects(): IResolvable {
    return this.interpolationForAttribute("objects");
  }

  /** The containers by `HOST/NAME`; `NAME` where there is one `host`. */
  get containers(): IResolvable {
    return this.interpolationForAttribute("containers");
  }

  /** How long an operation may take. */
  get timeouts(): IResolvable {
    return this.interpolationForAttribute("timeouts");
  }
  get timeoutsInput(): ComposeStackResourceConfig["timeouts"] | undefined {
    return this.given("timeouts") as ComposeStackResourceConfig["timeouts"] | undefined;
  }
  putTimeouts(value: ComposeStackResourceConfig["timeouts"]): void {
    this.put("timeouts", value);
  }
  resetTimeouts(): void {
    this.put("timeouts", undefined);
  }
}
