// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

/** The containers of a host, running or not, by whomever they were made. */
export interface DataContainersConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Only those that have all these labels. */
  readonly labels?: { [key: string]: string };
}

export const DATA_CONTAINERS: Table = [
  ["host", "host", "plain"],
  ["labels", "labels", ["map", "plain"]],
];
