// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface NetworkSubnets {
  /** The network, such as 10.5.0.0/16. */
  readonly subnet: string;
  /** Address of the host in it. */
  readonly gateway?: string;
  /** Part of it from which addresses are given out. */
  readonly ipRange?: string;
  /** Addresses that are not given out, by name. */
  readonly auxAddresses?: { [key: string]: string };
}

export interface NetworkTimeouts {
  /** Time to create, such as `30s` or `5m`. Default: 20m. */
  readonly create?: string;
  /** Time to update, such as `30s` or `5m`. Default: 20m. */
  readonly update?: string;
  /** Time to delete, such as `30s` or `5m`. Default: 10m. */
  readonly delete?: string;
}

/** A network on a host. */
export interface NetworkConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name on the host. Default: the project, and what makes it unique. */
  readonly name?: string;
  /** Network driver. Default: bridge. */
  readonly driver?: string;
  /** Options of the driver. */
  readonly driverOpts?: { [key: string]: string };
  /** No way out of the network. Default: false. */
  readonly internal?: boolean | IResolvable;
  /** Containers may be attached by hand. Default: false. */
  readonly attachable?: boolean | IResolvable;
  /** Gives IPv6 addresses too. Default: false. */
  readonly enableIpv6?: boolean | IResolvable;
  /** Address management driver. Default: default. */
  readonly ipamDriver?: string;
  /** Subnets with gateways and ranges. Default: one that is free. */
  readonly subnets?: NetworkSubnets[];
  /** Labels. */
  readonly labels?: { [key: string]: string };
  /** Take over an object of this name that someone else made. Default: false: it is an error. */
  readonly adopt?: boolean | IResolvable;
  /** How long an operation may take. */
  readonly timeouts?: NetworkTimeouts;
}

export const NETWORK: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
  ["driver", "driver", "plain"],
  ["driverOpts", "driver_opts", ["map", "plain"]],
  ["internal", "internal", "plain"],
  ["attachable", "attachable", "plain"],
  ["enableIpv6", "enable_ipv6", "plain"],
  ["ipamDriver", "ipam_driver", "plain"],
  [
    "subnets",
    "subnets",
    [
      "list",
      [
        "object",
        [
          ["subnet", "subnet", "plain"],
          ["gateway", "gateway", "plain"],
          ["ipRange", "ip_range", "plain"],
          ["auxAddresses", "aux_addresses", ["map", "plain"]],
        ],
      ],
    ],
  ],
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
