// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

/** What an image on a host is. */
export interface DataImageConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name and tag it has on the host. */
  readonly name: string;
}

export const DATA_IMAGE: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
];
