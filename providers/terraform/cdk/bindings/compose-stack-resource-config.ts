// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface ComposeStackResourceTimeouts {
  /** Time to create, such as `30s` or `5m`. Default: 20m. */
  readonly create?: string;
  /** Time to update, such as `30s` or `5m`. Default: 20m. */
  readonly update?: string;
  /** Time to delete, such as `30s` or `5m`. Default: 10m. */
  readonly delete?: string;
}

/** What Compose files declare, on a host or several: one project, planned as a whole. */
export interface ComposeStackResourceConfig extends TerraformMetaArguments {
  /**
   * Name of the project, which marks what belongs to it. One that no one else uses there.
   * Default: `name` in the file, or the name of the directory.
   */
  readonly name?: string;
  /** Where everything runs: id of a `fairlead_host`, or an address. */
  readonly host?: string;
  /** Hosts by the names that the file says in `x-fairlead`, each an id or an address. */
  readonly hosts?: { [key: string]: string };
  /** Compose files, in the order in which they override each other. */
  readonly files?: string[];
  /** A Compose file as text, in place of `files`: YAML, or JSON such as `jsonencode` gives. */
  readonly content?: string;
  /** What relative paths in the files are joined to. Default: the folder of the first file. */
  readonly directory?: string;
  /** Variables for the files; those of the shell are not used. */
  readonly environment?: { [key: string]: string };
  /** Further variables, kept in no plan and no state. Needs Terraform 1.11. */
  readonly environmentWo?: { [key: string]: string };
  /** Change it together with `environment_wo`. */
  readonly environmentWoVersion?: string;
  /** Files of variables. Default: `.env` in the directory. */
  readonly envFiles?: string[];
  /** Profiles whose services count. */
  readonly profiles?: string[];
  /** Take over what there is of this project already. Default: false: it is an error. */
  readonly adopt?: boolean | IResolvable;
  /** Remove containers and networks that the files no longer declare. Default: true. */
  readonly removeOrphans?: boolean | IResolvable;
  /**
   * Destroying this removes its volumes too, with their data. Default: false: the data
   * stays.
   */
  readonly removeVolumes?: boolean | IResolvable;
  /** How long an operation may take. */
  readonly timeouts?: ComposeStackResourceTimeouts;
}

export const COMPOSE_STACK_RESOURCE: Table = [
  ["name", "name", "plain"],
  ["host", "host", "plain"],
  ["hosts", "hosts", ["map", "plain"]],
  ["files", "files", ["list", "plain"]],
  ["content", "content", "plain"],
  ["directory", "directory", "plain"],
  ["environment", "environment", ["map", "plain"]],
  ["environmentWo", "environment_wo", ["map", "plain"]],
  ["environmentWoVersion", "environment_wo_version", "plain"],
  ["envFiles", "env_files", ["list", "plain"]],
  ["profiles", "profiles", ["list", "plain"]],
  ["adopt", "adopt", "plain"],
  ["removeOrphans", "remove_orphans", "plain"],
  ["removeVolumes", "remove_volumes", "plain"],
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
