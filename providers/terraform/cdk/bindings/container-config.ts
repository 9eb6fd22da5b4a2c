// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface ContainerPostStart {
  /** Program and arguments. */
  readonly command: string[];
  /** User and group; the container's. */
  readonly user?: string;
  /** With all capabilities; no. */
  readonly privileged?: boolean | IResolvable;
  /** Working directory; the container's. */
  readonly workingDir?: string;
  /** Further environment variables. */
  readonly env?: { [key: string]: string };
}

export interface ContainerPreStop {
  /** Program and arguments. */
  readonly command: string[];
  /** User and group; the container's. */
  readonly user?: string;
  /** With all capabilities; no. */
  readonly privileged?: boolean | IResolvable;
  /** Working directory; the container's. */
  readonly workingDir?: string;
  /** Further environment variables. */
  readonly env?: { [key: string]: string };
}

export interface ContainerHealthcheck {
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

export interface ContainerMounts {
  /** bind, volume or tmpfs. One of `bind`, `volume`, `tmpfs`. */
  readonly type: string;
  /** Host directory, or volume by name; a volume without name is anonymous. */
  readonly source?: string;
  /** Path in the container. */
  readonly target: string;
  /** Mount it read-only. */
  readonly readOnly?: boolean | IResolvable;
  /**
   * How mounts below a bind mount spread. One of `private`, `rprivate`, `shared`, `rshared`,
   * `slave`, `rslave`.
   */
  readonly propagation?: string;
  /** Make the host directory of a bind mount. */
  readonly createHostPath?: boolean | IResolvable;
  /** Do not fill an empty volume from the image. */
  readonly noCopy?: boolean | IResolvable;
  /** Path inside the volume. */
  readonly subpath?: string;
  /** Size of a tmpfs, such as 64m. A size such as `512m`. */
  readonly size?: string;
  /** Permission bits of a tmpfs. */
  readonly mode?: number;
  /** Further options of a tmpfs, such as uid=1000, exec or nr_inodes=1k. */
  readonly options?: string[];
}

export interface ContainerFiles {
  /** Path in the container. */
  readonly target: string;
  /** The content, which may be marked secret. */
  readonly content?: string;
  /** Bytes that are no text are given as base64. One of `utf8`, `base64`. */
  readonly encoding?: string;
  /** A file on the machine that runs fairlead. */
  readonly source?: string;
  /** Owner; 0. */
  readonly uid?: number;
  /** Group; 0. */
  readonly gid?: number;
  /** Permission bits; 0444, and 0400 of a secret. */
  readonly mode?: number;
  /** Hash the content with a salt and never show it. */
  readonly secret?: boolean | IResolvable;
}

export interface ContainerDevices {
  /** Path on the host. */
  readonly source: string;
  /** Path in the container; the same. */
  readonly target?: string;
  /** Of the letters r, w and m; all of them. */
  readonly permissions?: string;
}

export interface ContainerPorts {
  /** Port inside the container. */
  readonly target: number;
  /** Port on the host; absent lets the host choose one. */
  readonly published?: number;
  /** Address on the host; absent means every address. */
  readonly hostIp?: string;
  /** tcp, unless udp is given. One of `tcp`, `udp`. */
  readonly protocol?: string;
}

export interface ContainerNetworks {
  /** Further names in the network. */
  readonly aliases?: string[];
  /** NAME:ALIAS of others in the network: names that this container alone knows. */
  readonly links?: string[];
  /** Fixed IPv4 address. */
  readonly ipv4?: string;
  /** Fixed IPv6 address. */
  readonly ipv6?: string;
  /** Fixed MAC address. */
  readonly macAddress?: string;
}

export interface ContainerBlockIoWeightDevices {
  /** Block device of the host. */
  readonly path: string;
  /** Weight, from 10 to 1000. */
  readonly weight: number;
}

export interface ContainerBlockIoReadBps {
  /** Block device of the host. */
  readonly path: string;
  /** Bytes a second, such as 10m. A size such as `512m`. */
  readonly rate: string;
}

export interface ContainerBlockIoWriteBps {
  /** Block device of the host. */
  readonly path: string;
  /** Bytes a second, such as 10m. A size such as `512m`. */
  readonly rate: string;
}

export interface ContainerBlockIoReadIops {
  /** Block device of the host. */
  readonly path: string;
  /** Operations a second. */
  readonly rate: number;
}

export interface ContainerBlockIoWriteIops {
  /** Block device of the host. */
  readonly path: string;
  /** Operations a second. */
  readonly rate: number;
}

export interface ContainerBlockIo {
  /** Weight against other containers, from 10 to 1000. */
  readonly weight?: number;
  /** Weights of single devices. */
  readonly weightDevices?: ContainerBlockIoWeightDevices[];
  /** Most that is read, by device. */
  readonly readBps?: ContainerBlockIoReadBps[];
  /** Most that is written, by device. */
  readonly writeBps?: ContainerBlockIoWriteBps[];
  /** Most read operations, by device. */
  readonly readIops?: ContainerBlockIoReadIops[];
  /** Most write operations, by device. */
  readonly writeIops?: ContainerBlockIoWriteIops[];
}

export interface ContainerUlimits {
  /** What holds; -1 for no limit. */
  readonly soft: number;
  /** What a process may raise it to; -1 for no limit. */
  readonly hard: number;
}

export interface ContainerLogging {
  /** Log driver. */
  readonly driver?: string;
  /** Its options. */
  readonly options?: { [key: string]: string };
}

export interface ContainerTimeouts {
  /** Time to create, such as `30s` or `5m`. Default: 20m. */
  readonly create?: string;
  /** Time to update, such as `30s` or `5m`. Default: 20m. */
  readonly update?: string;
  /** Time to delete, such as `30s` or `5m`. Default: 10m. */
  readonly delete?: string;
}

/** A container on a host. */
export interface ContainerConfig extends TerraformMetaArguments {
  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  readonly host: string;
  /** Name on the host. Default: the project, and what makes it unique. */
  readonly name?: string;
  /** Image to run: a reference, or an image of the stack. */
  readonly image: string;
  /** Platform of the image, such as linux/arm64. Default: the host's. */
  readonly platform?: string;
  /**
   * When the image is fetched from its registry. One of `missing`, `always`, `never`.
   * Default: missing.
   */
  readonly pull?: string;
  /**
   * Runs to its end: exit code 0 is success, and it is not run again. Default: false, unless
   * another container waits for its completion.
   */
  readonly job?: boolean | IResolvable;
  /**
   * How long a new container without healthcheck must keep running. A duration such as
   * `1m30s`. Default: 1s.
   */
  readonly settle?: string;
  /** How long a new container has to become healthy. A duration such as `1m30s`. Default: 5m. */
  readonly healthTimeout?: string;
  /**
   * Whether a replacement starts before or after the old container stops. One of `auto`,
   * `start-first`, `stop-first`. Default: auto: start-first unless ports, addresses or
   * writable volumes clash.
   */
  readonly replaceOrder?: string;
  /** Commands that are run in it after it has started. */
  readonly postStart?: ContainerPostStart[];
  /** Commands that are run in it before fairlead stops it. */
  readonly preStop?: ContainerPreStop[];
  /** Arguments, in place of the image's command. */
  readonly command?: string[];
  /** Program and first arguments, in place of the image's. */
  readonly entrypoint?: string[];
  /** Environment variables. */
  readonly env?: { [key: string]: string };
  /** User and group, by name or number, as in app:app. */
  readonly user?: string;
  /** Further groups, by name or number. */
  readonly groupAdd?: string[];
  /** Working directory. */
  readonly workingDir?: string;
  /** Gives the process a terminal. Default: false. */
  readonly tty?: boolean | IResolvable;
  /** Keeps standard input open. Default: false. */
  readonly stdinOpen?: boolean | IResolvable;
  /** Runs a small init as process 1. Default: false. */
  readonly init?: boolean | IResolvable;
  /** When it is started again after its process ends. Default: no. */
  readonly restart?: string;
  /** Signal that asks it to stop. Default: the image's, or SIGTERM. */
  readonly stopSignal?: string;
  /**
   * Time to stop before it is killed; whole seconds. A duration such as `1m30s`. Default:
   * 10s.
   */
  readonly stopGracePeriod?: string;
  /** How it is asked whether it is well. */
  readonly healthcheck?: ContainerHealthcheck;
  /** Host directories, volumes and tmpfs, by target. */
  readonly mounts?: ContainerMounts[];
  /** Containers whose mounts it gets too, as CONTAINER or CONTAINER:ro. */
  readonly volumesFrom?: string[];
  /** Small files given to it: configs and secrets. */
  readonly files?: ContainerFiles[];
  /** Makes its root file system read-only. Default: false. */
  readonly readOnly?: boolean | IResolvable;
  /** Devices of the host. */
  readonly devices?: ContainerDevices[];
  /** Device access rules such as c 1:3 mr. */
  readonly deviceCgroupRules?: string[];
  /** Size of /dev/shm. A size such as `512m`. Default: 64m. */
  readonly shmSize?: string;
  /** Options of the storage driver, such as size. */
  readonly storageOpt?: { [key: string]: string };
  /** Ports published on the host. */
  readonly ports?: ContainerPorts[];
  /**
   * Publishes each port that the image exposes, on ports that the host chooses. Default:
   * false.
   */
  readonly publishAllPorts?: boolean | IResolvable;
  /**
   * Networks by name, each with aliases and fixed addresses. Default: the engine's default
   * bridge.
   */
  readonly networks?: { [key: string]: ContainerNetworks };
  /** Shares a network namespace instead of joining networks. */
  readonly networkMode?: string;
  /**
   * Containers of the default network, as NAME or NAME:ALIAS, of which it gets a line in
   * /etc/hosts and variables.
   */
  readonly links?: string[];
  /** Host name inside it. Default: the container's id. */
  readonly hostname?: string;
  /** Domain name inside it. */
  readonly domainname?: string;
  /** Further host names and their addresses, also host-gateway. */
  readonly extraHosts?: { [key: string]: string[] };
  /** Name servers. */
  readonly dns?: string[];
  /** Search domains. */
  readonly dnsSearch?: string[];
  /** Options of resolv.conf. */
  readonly dnsOptions?: string[];
  /** Processors it may use, such as 1.5. */
  readonly cpus?: number;
  /** Weight against other containers. Default: 1024. */
  readonly cpuShares?: number;
  /** Period of real-time scheduling, in microseconds. */
  readonly cpuRealtimePeriod?: number;
  /** Time of each such period that real-time tasks may run, in microseconds. */
  readonly cpuRealtimeRuntime?: number;
  /** Processors it may run on, as in 0-2,4. */
  readonly cpuset?: string;
  /** Memory limit. A size such as `512m`. Default: none. */
  readonly memory?: string;
  /** Memory kept for it under pressure. A size such as `512m`. */
  readonly memoryReservation?: string;
  /**
   * Memory and swap together; -1 for unlimited swap. A size such as `512m`. Default: twice
   * the memory limit.
   */
  readonly memorySwap?: string;
  /** How readily its memory is swapped, from 0 to 100; cgroup version 1 only. */
  readonly memorySwappiness?: number;
  /**
   * Processes wait when memory is out, in place of being killed; cgroup version 1 only.
   * Default: false.
   */
  readonly oomKillDisable?: boolean | IResolvable;
  /** Weight and rates of block devices. */
  readonly blockIo?: ContainerBlockIo;
  /** Most processes and threads; -1 for no limit. Default: none. */
  readonly pidsLimit?: number;
  /** Resource limits of its processes. */
  readonly ulimits?: { [key: string]: ContainerUlimits };
  /** Likelihood to be killed when memory is out. */
  readonly oomScoreAdj?: number;
  /** Capabilities beyond the default ones. */
  readonly capAdd?: string[];
  /** Capabilities taken away. */
  readonly capDrop?: string[];
  /** All capabilities and devices, nothing masked. Default: false. */
  readonly privileged?: boolean | IResolvable;
  /** Security options such as no-new-privileges:true. */
  readonly securityOpt?: string[];
  /** Kernel parameters of its namespaces. */
  readonly sysctls?: { [key: string]: string };
  /** IPC namespace: private, shareable, host or container:NAME. */
  readonly ipc?: string;
  /** Process namespace: host or container:NAME. */
  readonly pid?: string;
  /** Host name namespace: host shares the host's. One of `host`. */
  readonly uts?: string;
  /** User namespace mode. */
  readonly userns?: string;
  /** Control group namespace. One of `private`, `host`. */
  readonly cgroupns?: string;
  /** Control group that holds the container's own. Default: the engine's. */
  readonly cgroupParent?: string;
  /**
   * Runtime: native, lxc, or an OCI runtime of the host by name. Default: the host's
   * runtime, or native.
   */
  readonly runtime?: string;
  /** Labels; an engine without label editing replaces it. */
  readonly labels?: { [key: string]: string };
  /** Annotations for the runtime. */
  readonly annotations?: { [key: string]: string };
  /** Log driver and its options. Default: json-file. */
  readonly logging?: ContainerLogging;
  /** Further environment variables, kept in no plan and no state. Needs Terraform 1.11. */
  readonly envWo?: { [key: string]: string };
  /** Change it to apply a changed `env_wo`. */
  readonly envWoVersion?: string;
  /** Take over an object of this name that someone else made. Default: false: it is an error. */
  readonly adopt?: boolean | IResolvable;
  /** How long an operation may take. */
  readonly timeouts?: ContainerTimeouts;
}

export const CONTAINER: Table = [
  ["host", "host", "plain"],
  ["name", "name", "plain"],
  ["image", "image", "plain"],
  ["platform", "platform", "plain"],
  ["pull", "pull", "plain"],
  ["job", "job", "plain"],
  ["settle", "settle", "plain"],
  ["healthTimeout", "health_timeout", "plain"],
  ["replaceOrder", "replace_order", "plain"],
  [
    "postStart",
    "post_start",
    [
      "list",
      [
        "object",
        [
          ["command", "command", ["list", "plain"]],
          ["user", "user", "plain"],
          ["privileged", "privileged", "plain"],
          ["workingDir", "working_dir", "plain"],
          ["env", "env", ["map", "plain"]],
        ],
      ],
    ],
  ],
  [
    "preStop",
    "pre_stop",
    [
      "list",
      [
        "object",
        [
          ["command", "command", ["list", "plain"]],
          ["user", "user", "plain"],
          ["privileged", "privileged", "plain"],
          ["workingDir", "working_dir", "plain"],
          ["env", "env", ["map", "plain"]],
        ],
      ],
    ],
  ],
  ["command", "command", ["list", "plain"]],
  ["entrypoint", "entrypoint", ["list", "plain"]],
  ["env", "env", ["map", "plain"]],
  ["user", "user", "plain"],
  ["groupAdd", "group_add", ["list", "plain"]],
  ["workingDir", "working_dir", "plain"],
  ["tty", "tty", "plain"],
  ["stdinOpen", "stdin_open", "plain"],
  ["init", "init", "plain"],
  ["restart", "restart", "plain"],
  ["stopSignal", "stop_signal", "plain"],
  ["stopGracePeriod", "stop_grace_period", "plain"],
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
  [
    "mounts",
    "mounts",
    [
      "list",
      [
        "object",
        [
          ["type", "type", "plain"],
          ["source", "source", "plain"],
          ["target", "target", "plain"],
          ["readOnly", "read_only", "plain"],
          ["propagation", "propagation", "plain"],
          ["createHostPath", "create_host_path", "plain"],
          ["noCopy", "no_copy", "plain"],
          ["subpath", "subpath", "plain"],
          ["size", "size", "plain"],
          ["mode", "mode", "plain"],
          ["options", "options", ["list", "plain"]],
        ],
      ],
    ],
  ],
  ["volumesFrom", "volumes_from", ["list", "plain"]],
  [
    "files",
    "files",
    [
      "list",
      [
        "object",
        [
          ["target", "target", "plain"],
          ["content", "content", "plain"],
          ["encoding", "encoding", "plain"],
          ["source", "source", "plain"],
          ["uid", "uid", "plain"],
          ["gid", "gid", "plain"],
          ["mode", "mode", "plain"],
          ["secret", "secret", "plain"],
        ],
      ],
    ],
  ],
  ["readOnly", "read_only", "plain"],
  [
    "devices",
    "devices",
    [
      "list",
      [
        "object",
        [
          ["source", "source", "plain"],
          ["target", "target", "plain"],
          ["permissions", "permissions", "plain"],
        ],
      ],
    ],
  ],
  ["deviceCgroupRules", "device_cgroup_rules", ["list", "plain"]],
  ["shmSize", "shm_size", "plain"],
  ["storageOpt", "storage_opt", ["map", "plain"]],
  [
    "ports",
    "ports",
    [
      "list",
      [
        "object",
        [
          ["target", "target", "plain"],
          ["published", "published", "plain"],
          ["hostIp", "host_ip", "plain"],
          ["protocol", "protocol", "plain"],
        ],
      ],
    ],
  ],
  ["publishAllPorts", "publish_all_ports", "plain"],
  [
    "networks",
    "networks",
    [
      "map",
      [
        "object",
        [
          ["aliases", "aliases", ["list", "plain"]],
          ["links", "links", ["list", "plain"]],
          ["ipv4", "ipv4", "plain"],
          ["ipv6", "ipv6", "plain"],
          ["macAddress", "mac_address", "plain"],
        ],
      ],
    ],
  ],
  ["networkMode", "network_mode", "plain"],
  ["links", "links", ["list", "plain"]],
  ["hostname", "hostname", "plain"],
  ["domainname", "domainname", "plain"],
  ["extraHosts", "extra_hosts", ["map", ["list", "plain"]]],
  ["dns", "dns", ["list", "plain"]],
  ["dnsSearch", "dns_search", ["list", "plain"]],
  ["dnsOptions", "dns_options", ["list", "plain"]],
  ["cpus", "cpus", "plain"],
  ["cpuShares", "cpu_shares", "plain"],
  ["cpuRealtimePeriod", "cpu_realtime_period", "plain"],
  ["cpuRealtimeRuntime", "cpu_realtime_runtime", "plain"],
  ["cpuset", "cpuset", "plain"],
  ["memory", "memory", "plain"],
  ["memoryReservation", "memory_reservation", "plain"],
  ["memorySwap", "memory_swap", "plain"],
  ["memorySwappiness", "memory_swappiness", "plain"],
  ["oomKillDisable", "oom_kill_disable", "plain"],
  [
    "blockIo",
    "block_io",
    [
      "object",
      [
        ["weight", "weight", "plain"],
        [
          "weightDevices",
          "weight_devices",
          [
            "list",
            [
              "object",
              [
                ["path", "path", "plain"],
                ["weight", "weight", "plain"],
              ],
            ],
          ],
        ],
        [
          "readBps",
          "read_bps",
          [
            "list",
            [
              "object",
              [
                ["path", "path", "plain"],
                ["rate", "rate", "plain"],
              ],
            ],
          ],
        ],
        [
          "writeBps",
          "write_bps",
          [
            "list",
            [
              "object",
              [
                ["path", "path", "plain"],
                ["rate", "rate", "plain"],
              ],
            ],
          ],
        ],
        [
          "readIops",
          "read_iops",
          [
            "list",
            [
              "object",
              [
                ["path", "path", "plain"],
                ["rate", "rate", "plain"],
              ],
            ],
          ],
        ],
        [
          "writeIops",
          "write_iops",
          [
            "list",
            [
              "object",
              [
                ["path", "path", "plain"],
                ["rate", "rate", "plain"],
              ],
            ],
          ],
        ],
      ],
    ],
  ],
  ["pidsLimit", "pids_limit", "plain"],
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
  ["oomScoreAdj", "oom_score_adj", "plain"],
  ["capAdd", "cap_add", ["list", "plain"]],
  ["capDrop", "cap_drop", ["list", "plain"]],
  ["privileged", "privileged", "plain"],
  ["securityOpt", "security_opt", ["list", "plain"]],
  ["sysctls", "sysctls", ["map", "plain"]],
  ["ipc", "ipc", "plain"],
  ["pid", "pid", "plain"],
  ["uts", "uts", "plain"],
  ["userns", "userns", "plain"],
  ["cgroupns", "cgroupns", "plain"],
  ["cgroupParent", "cgroup_parent", "plain"],
  ["runtime", "runtime", "plain"],
  ["labels", "labels", ["map", "plain"]],
  ["annotations", "annotations", ["map", "plain"]],
  [
    "logging",
    "logging",
    [
      "object",
      [
        ["driver", "driver", "plain"],
        ["options", "options", ["map", "plain"]],
      ],
    ],
  ],
  ["envWo", "env_wo", ["map", "plain"]],
  ["envWoVersion", "env_wo_version", "plain"],
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
