// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

/** What a network on a host is. */
export interface DataNetworkConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name on the host. */
  readonly name: string;
}

export const DATA_NETWORK: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
];
