// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import { ImportableResource, type IResolvable, type TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { FairleadResource } from "../construct/base.ts";
import { IMAGE, type ImageConfig } from "./image-config.ts";

/** An image on a host: from its registry, an archive, a root file system, or built there. */
export class Image extends FairleadResource {
  static readonly tfResourceType: string = "fairlead_image";

  /** Code for importing an existing object: `importId` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "fairlead_image";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

  constructor(scope: Construct, id: string, config: ImageConfig) {
    super(scope, id, "fairlead_image", IMAGE, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): ImageConfig["host"] | undefined {
    return this.given("host") as ImageConfig["host"] | undefined;
  }
  putHost(value: ImageConfig["host"]): void {
    this.put("host", value);
  }

  /** Name and tag it has on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): ImageConfig["name"] | undefined {
    return this.given("name") as ImageConfig["name"] | undefined;
  }
  putName(value: ImageConfig["name"]): void {
    this.put("name", value);
  }

  /** A tar file here, as docker save or an OCI tool writes it. */
  get archive(): string {
    return this.getStringAttribute("archive");
  }
  get archiveInput(): ImageConfig["archive"] | undefined {
    return this.given("archive") as ImageConfig["archive"] | undefined;
  }
  putArchive(value: ImageConfig["archive"]): void {
    this.put("archive", value);
  }
  resetArchive(): void {
    this.put("archive", undefined);
  }

  /** Which image of the archive. */
  get archiveTag(): string {
    return this.getStringAttribute("archive_tag");
  }
  get archiveTagInput(): ImageConfig["archiveTag"] | undefined {
    return this.given("archiveTag") as ImageConfig["archiveTag"] | undefined;
  }
  putArchiveTag(value: ImageConfig["archiveTag"]): void {
    this.put("archiveTag", value);
  }
  resetArchiveTag(): void {
    this.put("archiveTag", undefined);
  }

  /** A directory or tar file here that becomes its one layer. */
  get rootfs(): string {
    return this.getStringAttribute("rootfs");
  }
  get rootfsInput(): ImageConfig["rootfs"] | undefined {
    return this.given("rootfs") as ImageConfig["rootfs"] | undefined;
  }
  putRootfs(value: ImageConfig["rootfs"]): void {
    this.put("rootfs", value);
  }
  resetRootfs(): void {
    this.put("rootfs", undefined);
  }

  /** What a container of a root file system runs by default. */
  get config(): IResolvable {
    return this.interpolationForAttribute("config");
  }
  get configInput(): ImageConfig["config"] | undefined {
    return this.given("config") as ImageConfig["config"] | undefined;
  }
  putConfig(value: ImageConfig["config"]): void {
    this.put("config", value);
  }
  resetConfig(): void {
    this.put("config", undefined);
  }

  /** How it is built on its host, from a Dockerfile here. */
  get build(): IResolvable {
    return this.interpolationForAttribute("build");
  }
  get buildInput(): ImageConfig["build"] | undefined {
    return this.given("build") as ImageConfig["build"] | undefined;
  }
  putBuild(value: ImageConfig["build"]): void {
    this.put("build", value);
  }
  resetBuild(): void {
    this.put("build", undefined);
  }

  /** Platform, such as linux/arm64. */
  get platform(): string {
    return this.getStringAttribute("platform");
  }
  get platformInput(): ImageConfig["platform"] | undefined {
    return this.given("platform") as ImageConfig["platform"] | undefined;
  }
  putPlatform(value: ImageConfig["platform"]): void {
    this.put("platform", value);
  }
  resetPlatform(): void {
    this.put("platform", undefined);
  }

  /** When it is fetched from its registry. One of `missing`, `always`, `never`. */
  get pull(): string {
    return this.getStringAttribute("pull");
  }
  get pullInput(): ImageConfig["pull"] | undefined {
    return this.given("pull") as ImageConfig["pull"] | undefined;
  }
  putPull(value: ImageConfig["pull"]): void {
    this.put("pull", value);
  }
  resetPull(): void {
    this.put("pull", undefined);
  }

  /** Id of the image on the host; containers given it follow its content. */
  get ref(): string {
    return this.getStringAttribute("ref");
  }

  /** Digest under which its registry has it. */
  get repoDigest(): string {
    return this.getStringAttribute("repo_digest");
  }

  /** How long an operation may take. */
  get timeouts(): IResolvable {
    return this.interpolationForAttribute("timeouts");
  }
  get timeoutsInput(): ImageConfig["timeouts"] | undefined {
    return this.given("timeouts") as ImageConfig["timeouts"] | undefined;
  }
  putTimeouts(value: ImageConfig["timeouts"]): void {
    this.put("timeouts", value);
  }
  resetTimeouts(): void {
    this.put("timeouts", undefined);
  }
}
