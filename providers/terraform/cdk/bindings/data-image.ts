// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_IMAGE, type DataImageConfig } from "./data-image-config.ts";

/** What an image on a host is. */
export class DataImage extends FairleadData {
  static readonly tfResourceType: string = "fairlead_image";

  constructor(scope: Construct, id: string, config: DataImageConfig) {
    super(scope, id, "fairlead_image", DATA_IMAGE, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataImageConfig["host"] | undefined {
    return this.given("host") as DataImageConfig["host"] | undefined;
  }
  putHost(value: DataImageConfig["host"]): void {
    this.put("host", value);
  }

  /** Name and tag it has on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): DataImageConfig["name"] | undefined {
    return this.given("name") as DataImageConfig["name"] | undefined;
  }
  putName(value: DataImageConfig["name"]): void {
    this.put("name", value);
  }

  /** Its labels. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }

  /** Id of the image on the host; containers given it follow its content. */
  get ref(): string {
    return this.getStringAttribute("ref");
  }

  /** Digest under which its registry has it. */
  get repoDigest(): string {
    return this.getStringAttribute("repo_digest");
  }
}
