// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface ImageDefaultsHealthcheck {
  /** Command, after CMD, or after CMD-SHELL for a shell. */
  readonly test?: string[];
  /** Time between two checks; 30s. A duration such as `1m30s`. */
  readonly interval?: string;
  /** Time a check may take; 30s. A duration such as `1m30s`. */
  readonly timeout?: string;
  /** Failures in a row that make it unhealthy; 3. */
  readonly retries?: number;
  /** Time in which failures do not count; 0s. A duration such as `1m30s`. */
  readonly startPeriod?: string;
  /** Time between checks in the start period; 5s. A duration such as `1m30s`. */
  readonly startInterval?: string;
  /** Switch off the check that the image brings. */
  readonly disable?: boolean | IResolvable;
}

export interface ImageDefaults {
  /** Program and first arguments. */
  readonly entrypoint?: string[];
  /** Arguments. */
  readonly command?: string[];
  /** Environment variables. */
  readonly env?: { [key: string]: string };
  /** User and group. */
  readonly user?: string;
  /** Working directory. */
  readonly workingDir?: string;
  /** Ports it listens on, as in 80/tcp. */
  readonly exposedPorts?: string[];
  /** Paths that get anonymous volumes. */
  readonly volumes?: string[];
  /** Labels. */
  readonly labels?: { [key: string]: string };
  /** Signal that asks it to stop. */
  readonly stopSignal?: string;
  /** How it is asked whether it is well. */
  readonly healthcheck?: ImageDefaultsHealthcheck;
}

export interface ImageBuildSecrets {
  /** A file on the machine that runs fairlead. */
  readonly source?: string;
  /** The value itself, which is never shown. */
  readonly content?: string;
}

export interface ImageBuildUlimits {
  /** What is in force. */
  readonly soft: number;
  /** As far as it can be raised. */
  readonly hard: number;
}

export interface ImageBuild {
  /** Folder here with the files that the build may copy, or a git repository. */
  readonly context?: string;
  /** The Dockerfile, relative to the context. Default: Dockerfile. */
  readonly dockerfile?: string;
  /** The text of a Dockerfile in place of a file. */
  readonly dockerfileInline?: string;
  /** Stage to build. Default: the last one. */
  readonly target?: string;
  /** Build arguments. */
  readonly args?: { [key: string]: string };
  /** Further contexts by name: folders here, repositories, docker-image://NAME. */
  readonly contexts?: { [key: string]: string };
  /** Values for RUN --mount=type=secret by id; in no layer, cache or log. */
  readonly secrets?: { [key: string]: ImageBuildSecrets };
  /** Labels of the image. */
  readonly labels?: { [key: string]: string };
  /** Further names of the image. */
  readonly tags?: string[];
  /** Network of its steps: default, none or host. */
  readonly network?: string;
  /** Addresses by host name, for its steps. */
  readonly extraHosts?: { [key: string]: string[] };
  /** Size of /dev/shm of its steps. A size such as `512m`. */
  readonly shmSize?: string;
  /** Resource limits of its steps. */
  readonly ulimits?: { [key: string]: ImageBuildUlimits };
  /** Fetch base images anew with each build. */
  readonly pull?: boolean | IResolvable;
  /** Take no step from the cache. */
  readonly noCache?: boolean | IResolvable;
  /** Most bytes of a context. Default: 1g. A size such as `512m`. */
  readonly limit?: string;
}

export interface ImageTimeouts {
  /** Time to create, such as `30s` or `5m`. Default: 20m. */
  readonly create?: string;
  /** Time to update, such as `30s` or `5m`. Default: 20m. */
  readonly update?: string;
  /** Time to delete, such as `30s` or `5m`. Default: 10m. */
  readonly delete?: string;
}

/** An image on a host: from its registry, an archive, a root file system, or built there. */
export interface ImageConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name and tag it has on the host. */
  readonly name: string;
  /** A tar file here, as docker save or an OCI tool writes it. */
  readonly archive?: string;
  /** Which image of the archive. Default: the only one in it. */
  readonly archiveTag?: string;
  /** A directory or tar file here that becomes its one layer. */
  readonly rootfs?: string;
  /** What a container of a root file system runs by default. */
  readonly config?: ImageDefaults;
  /** How it is built on its host, from a Dockerfile here. */
  readonly build?: ImageBuild;
  /** Platform, such as linux/arm64. Default: the host's. */
  readonly platform?: string;
  /**
   * When it is fetched from its registry. One of `missing`, `always`, `never`. Default:
   * missing.
   */
  readonly pull?: string;
  /** How long an operation may take. */
  readonly timeouts?: ImageTimeouts;
}

export const IMAGE: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
  ["archive", "archive", "plain"],
  ["archiveTag", "archive_tag", "plain"],
  ["rootfs", "rootfs", "plain"],
  [
    "config",
    "config",
    [
      "object",
      [
        ["entrypoint", "entrypoint", ["list", "plain"]],
        ["command", "command", ["list", "plain"]],
        ["env", "env", ["map", "plain"]],
        ["user", "user", "plain"],
        ["workingDir", "working_dir", "plain"],
        ["exposedPorts", "exposed_ports", ["list", "plain"]],
        ["volumes", "volumes", ["list", "plain"]],
        ["labels", "labels", ["map", "plain"]],
        ["stopSignal", "stop_signal", "plain"],
        [
          "healthcheck",
          "healthcheck",
          [
            "object",
            [
              ["test", "test", ["list", "plain"]],
              ["interval", "interval", "plain"],
              ["timeout", "timeout", "plain"],
              ["retries", "retries", "plain"],
              ["startPeriod", "start_period", "plain"],
              ["startInterval", "start_interval", "plain"],
              ["disable", "disable", "plain"],
            ],
          ],
        ],
      ],
    ],
  ],
  [
    "build",
    "build",
    [
      "object",
      [
        ["context", "context", "plain"],
        ["dockerfile", "dockerfile", "plain"],
        ["dockerfileInline", "dockerfile_inline", "plain"],
        ["target", "target", "plain"],
        ["args", "args", ["map", "plain"]],
        ["contexts", "contexts", ["map", "plain"]],
        [
          "secrets",
          "secrets",
          [
            "map",
            [
              "object",
              [
                ["source", "source", "plain"],
                ["content", "content", "plain"],
              ],
            ],
          ],
        ],
        ["labels", "labels", ["map", "plain"]],
        ["tags", "tags", ["list", "plain"]],
        ["network", "network", "plain"],
        ["extraHosts", "extra_hosts", ["map", ["list", "plain"]]],
        ["shmSize", "shm_size", "plain"],
        [
          "ulimits",
          "ulimits",
          [
            "map",
            [
              "object",
              [
                ["soft", "soft", "plain"],
                ["hard", "hard", "plain"],
              ],
            ],
          ],
        ],
        ["pull", "pull", "plain"],
        ["noCache", "no_cache", "plain"],
        ["limit", "limit", "plain"],
      ],
    ],
  ],
  ["platform", "platform", "plain"],
  ["pull", "pull", "plain"],
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
