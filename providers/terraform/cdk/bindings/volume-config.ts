// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface VolumeTimeouts {
  /** Time to create, such as `30s` or `5m`. Default: 20m. */
  readonly create?: string;
  /** Time to update, such as `30s` or `5m`. Default: 20m. */
  readonly update?: string;
  /** Time to delete, such as `30s` or `5m`. Default: 10m. */
  readonly delete?: string;
}

/** A volume on a host. To destroy it destroys its data. */
export interface VolumeConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name on the host. Default: the project, and what makes it unique. */
  readonly name?: string;
  /** Volume driver. Default: local. */
  readonly driver?: string;
  /** Options of the driver. */
  readonly driverOpts?: { [key: string]: string };
  /** Labels. */
  readonly labels?: { [key: string]: string };
  /** Take over an object of this name that someone else made. Default: false: it is an error. */
  readonly adopt?: boolean | IResolvable;
  /** How long an operation may take. */
  readonly timeouts?: VolumeTimeouts;
}

export const VOLUME: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
  ["driver", "driver", "plain"],
  ["driverOpts", "driver_opts", ["map", "plain"]],
  ["labels", "labels", ["map", "plain"]],
  ["adopt", "adopt", "plain"],
  [
    "timeouts",
    "timeouts",
    [
      "object",
      [
        ["create", "create", "plain"],
        ["update", "update", "plain"],
        ["delete", "delete", "plain"],
      ],
    ],
  ],
];
