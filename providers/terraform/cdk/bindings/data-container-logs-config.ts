// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

/** The last lines that a container has logged. */
export interface DataContainerLogsConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name of the container. */
  readonly name: string;
  /** How many lines, at most 10000. Default: 100. */
  readonly tail?: number;
}

export const DATA_CONTAINER_LOGS: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
  ["tail", "tail", "plain"],
];
