// The declaration of a container: every field's type, change rule and sentence.
import * as z from "zod";
import * as is from "../../model/scalars.ts";
import { field, required } from "../../model/schema.ts";
import { blockIo } from "./block-io.ts";
import { healthcheck } from "./healthcheck.ts";
import { hooks } from "./hook.ts";
import { files, mounts } from "./mount.ts";
import { ports } from "./port.ts";

const words = z.array(is.text);
const lines = z.array(is.line);
const share = z.number().positive().max(100_000);

const links = z.array(
  z.string().regex(/^[^\s\0#:/]{1,253}(:[^\s\0#:/]{1,253})?$/, "must be NAME or NAME:ALIAS"),
);

const attachment = z.strictObject({
  aliases: lines.optional().describe("Further names in the network."),
  links: links
    .optional()
    .describe("NAME:ALIAS of others in the network: names that this container alone knows."),
  ipv4: is.ip.optional().describe("Fixed IPv4 address."),
  ipv6: is.ip.optional().describe("Fixed IPv6 address."),
  macAddress: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, "must be a MAC address")
    .optional()
    .describe("Fixed MAC address."),
});

const device = z.strictObject({
  source: is.absolutePath.describe("Path on the host."),
  target: is.absolutePath.optional().describe("Path in the container; the same."),
  permissions: z
    .string()
    .regex(/^[rwm]{1,3}$/, "must be of the letters r, w and m")
    .optional()
    .describe("Of the letters r, w and m; all of them."),
});

const limitValue = z.int().min(-1);
const softAndHard = z.strictObject({
  soft: limitValue.describe("What holds; -1 for no limit."),
  hard: limitValue.describe("What a process may raise it to; -1 for no limit."),
});
const ulimit = z
  .union([limitValue, softAndHard], {
    error: "must be a number, or an object with soft and hard",
  })
  .transform((value) => (typeof value === "number" ? { soft: value, hard: value } : value));

const capability = z
  .string()
  .regex(/^[A-Za-z_]+$/, "must be a capability such as NET_ADMIN, or ALL")
  .transform((name) => name.toUpperCase().replace(/^CAP_/, ""));

const restart = z.string().regex(/^(no|always|unless-stopped|on-failure(:\d{1,6})?)$/, {
  error: "must be no, always, unless-stopped, on-failure or on-failure:N",
});

const namespaceMode = z
  .string()
  .regex(/^(private|shareable|host|none|container:.+|)$/, "is not a namespace mode");

const identity = {
  name: field(is.objectName, "update", "Name on the host.", {
    default: "PROJECT-NAME",
  }),
  image: required(is.reference, "replace", "Image to run: a reference, or an image of the stack."),
  platform: field(is.line, "replace", "Platform of the image, such as linux/arm64.", {
    default: "the host's",
  }),
};

/** What steers fairlead and is no part of the container. */
const steering = {
  pull: field(
    z.enum(["missing", "always", "never"]),
    "policy",
    "When the image is fetched from its registry.",
    { default: "missing" },
  ),
  job: field(
    is.bool,
    "policy",
    "Runs to its end: exit code 0 is success, and it is not run again.",
    {
      default: "false, unless another container waits for its completion",
    },
  ),
  settle: field(
    is.duration,
    "policy",
    "How long a new container without healthcheck must keep running.",
    {
      default: "1s",
      unit: "milliseconds",
    },
  ),
  healthTimeout: field(is.duration, "policy", "How long a new container has to become healthy.", {
    default: "5m",
    unit: "milliseconds",
  }),
  replaceOrder: field(
    z.enum(["auto", "start-first", "stop-first"]),
    "policy",
    "Whether a replacement starts before or after the old container stops.",
    { default: "auto: start-first unless ports, addresses or writable volumes clash" },
  ),
  postStart: field(hooks, "policy", "Commands that are run in it after it has started.", {
    secret: true,
  }),
  preStop: field(hooks, "policy", "Commands that are run in it before fairlead stops it.", {
    secret: true,
  }),
};

const process = {
  command: field(words, "replace", "Arguments, in place of the image's command."),
  entrypoint: field(words, "replace", "Program and first arguments, in place of the image's."),
  env: field(z.record(is.line, is.secretText), "replace", "Environment variables.", {
    secret: true,
  }),
  user: field(is.line, "replace", "User and group, by name or number, as in app:app."),
  groupAdd: field(lines, "replace", "Further groups, by name or number."),
  workingDir: field(is.absolutePath, "replace", "Working directory."),
  tty: field(is.bool, "replace", "Gives the process a terminal.", { default: "false" }),
  stdinOpen: field(is.bool, "replace", "Keeps standard input open.", { default: "false" }),
  init: field(is.bool, "replace", "Runs a small init as process 1.", { default: "false" }),
  restart: field(restart, "update", "When it is started again after its process ends.", {
    default: "no",
  }),
  stopSignal: field(
    z.string().regex(/^(SIG)?[A-Z0-9+-]+$/, "must be a signal such as SIGTERM"),
    "replace",
    "Signal that asks it to stop.",
    { default: "the image's, or SIGTERM" },
  ),
  stopGracePeriod: field(
    is.duration,
    "replace",
    "Time to stop before it is killed; whole seconds.",
    {
      default: "10s",
      unit: "milliseconds",
    },
  ),
  healthcheck: field(healthcheck, "replace", "How it is asked whether it is well."),
};

const files_ = {
  mounts: field(mounts, "replace", "Host directories, volumes and tmpfs, by target."),
  volumesFrom: field(
    z.array(is.line.regex(/^[^:]+(:(ro|rw))?$/, "must be CONTAINER or CONTAINER:ro")),
    "replace",
    "Containers whose mounts it gets too, as CONTAINER or CONTAINER:ro.",
  ),
  files: field(files, "replace", "Small files given to it: configs and secrets.", { secret: true }),
  readOnly: field(is.bool, "replace", "Makes its root file system read-only.", {
    default: "false",
  }),
  devices: field(z.array(device), "replace", "Devices of the host."),
  deviceCgroupRules: field(lines, "replace", "Device access rules such as c 1:3 mr."),
  shmSize: field(is.bytes, "replace", "Size of /dev/shm.", { default: "64m", unit: "bytes" }),
  storageOpt: field(is.stringMap, "replace", "Options of the storage driver, such as size."),
};

const network = {
  ports: field(ports, "replace", "Ports published on the host."),
  publishAllPorts: field(
    is.bool,
    "replace",
    "Publishes each port that the image exposes, on ports that the host chooses.",
    { default: "false" },
  ),
  networks: field(
    z.record(is.line, attachment),
    "update",
    "Networks by name, each with aliases and fixed addresses.",
    { default: "the engine's default bridge" },
  ),
  networkMode: field(
    z.string().regex(/^(bridge|host|none|default|container:.+)$/, {
      error: "must be bridge, host, none or container:NAME",
    }),
    "replace",
    "Shares a network namespace instead of joining networks.",
  ),
  links: field(
    links,
    "replace",
    "Containers of the default network, as NAME or NAME:ALIAS, of which it gets a line in " +
      "/etc/hosts and variables.",
  ),
  hostname: field(is.line, "replace", "Host name inside it.", { default: "the container's id" }),
  domainname: field(is.line, "replace", "Domain name inside it."),
  extraHosts: field(
    z.record(is.line, z.array(is.line).min(1)),
    "replace",
    "Further host names and their addresses, also host-gateway.",
  ),
  dns: field(z.array(is.ip), "replace", "Name servers."),
  dnsSearch: field(lines, "replace", "Search domains."),
  dnsOptions: field(lines, "replace", "Options of resolv.conf."),
};

const limits = {
  cpus: field(share, "update", "Processors it may use, such as 1.5.", { unit: "cpus" }),
  cpuShares: field(z.int().min(2).max(262_144), "update", "Weight against other containers.", {
    default: "1024",
  }),
  cpuRealtimePeriod: field(
    z.int().min(1),
    "replace",
    "Period of real-time scheduling, in microseconds.",
  ),
  cpuRealtimeRuntime: field(
    z.int().min(1),
    "replace",
    "Time of each such period that real-time tasks may run, in microseconds.",
  ),
  cpuset: field(z.string().regex(/^[0-9,-]+$/), "update", "Processors it may run on, as in 0-2,4."),
  memory: field(is.bytes, "update", "Memory limit.", { unit: "bytes", default: "none" }),
  memoryReservation: field(is.bytes, "update", "Memory kept for it under pressure.", {
    unit: "bytes",
  }),
  memorySwap: field(
    z.union([z.literal(-1), is.bytes], { error: "must be -1 or a size" }),
    "update",
    "Memory and swap together; -1 for unlimited swap.",
    { unit: "bytes", default: "twice the memory limit" },
  ),
  memorySwappiness: field(
    z.int().min(0).max(100),
    "replace",
    "How readily its memory is swapped, from 0 to 100; cgroup version 1 only.",
  ),
  oomKillDisable: field(
    is.bool,
    "replace",
    "Processes wait when memory is out, in place of being killed; cgroup version 1 only.",
    { default: "false" },
  ),
  blockIo: field(blockIo, "replace", "Weight and rates of block devices."),
  pidsLimit: field(z.int().min(-1), "update", "Most processes and threads; -1 for no limit.", {
    default: "none",
  }),
  ulimits: field(z.record(is.line, ulimit), "replace", "Resource limits of its processes."),
  oomScoreAdj: field(
    z.int().min(-1000).max(1000),
    "replace",
    "Likelihood to be killed when memory is out.",
  ),
};

const security = {
  capAdd: field(z.array(capability), "replace", "Capabilities beyond the default ones."),
  capDrop: field(z.array(capability), "replace", "Capabilities taken away."),
  privileged: field(is.bool, "replace", "All capabilities and devices, nothing masked.", {
    default: "false",
  }),
  securityOpt: field(lines, "replace", "Security options such as no-new-privileges:true."),
  sysctls: field(is.stringMap, "replace", "Kernel parameters of its namespaces."),
  ipc: field(
    namespaceMode,
    "replace",
    "IPC namespace: private, shareable, host or container:NAME.",
  ),
  pid: field(namespaceMode, "replace", "Process namespace: host or container:NAME."),
  uts: field(z.enum(["host", ""]), "replace", "Host name namespace: host shares the host's."),
  userns: field(z.string(), "replace", "User namespace mode."),
  cgroupns: field(z.enum(["private", "host"]), "replace", "Control group namespace."),
  cgroupParent: field(is.line, "replace", "Control group that holds the container's own.", {
    default: "the engine's",
  }),
  runtime: field(
    is.line,
    "replace",
    "Runtime: native, lxc, or an OCI runtime of the host by name.",
    {
      default: "the host's runtime, or native",
    },
  ),
};

const record = {
  labels: field(is.labels, "update", "Labels; an engine without label editing replaces it."),
  annotations: field(is.stringMap, "replace", "Annotations for the runtime."),
  logging: field(
    z.strictObject({
      driver: is.line.optional().describe("Log driver."),
      options: is.stringMap.optional().describe("Its options."),
    }),
    "replace",
    "Log driver and its options.",
    { default: "json-file" },
  ),
};

/** A container, checked and in normal form; absent fields are left to the image and the engine. */
export const container = z
  .strictObject({
    ...identity,
    ...steering,
    ...process,
    ...files_,
    ...network,
    ...limits,
    ...security,
    ...record,
  })
  .superRefine((spec, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (spec.networkMode !== undefined && spec.networks !== undefined) {
      refuse("networkMode", "excludes networks");
    }
    const elsewhere =
      spec.networks !== undefined || !/^(bridge|default)$/.test(spec.networkMode ?? "bridge");
    if (spec.links?.length && elsewhere) {
      refuse("links", "are those of the default network; others are in networks.NAME.links");
    }
    const shared = spec.networkMode === "host" || spec.networkMode?.startsWith("container:");
    if (shared && spec.ports?.length) refuse("ports", `cannot be published in ${spec.networkMode}`);
    if (shared && spec.publishAllPorts) refuse("publishAllPorts", `excludes ${spec.networkMode}`);
    if (spec.memorySwap !== undefined && spec.memorySwap > 0) {
      if (spec.memory === undefined) refuse("memorySwap", "needs memory to be set");
      else if (spec.memorySwap < spec.memory) refuse("memorySwap", "is less than memory");
    }
    if ((spec.memoryReservation ?? 0) > (spec.memory ?? Number.MAX_SAFE_INTEGER)) {
      refuse("memoryReservation", "is more than memory");
    }
    if ((spec.stopGracePeriod ?? 0) % 1000 !== 0) {
      refuse("stopGracePeriod", "must be whole seconds");
    }
    const targets = new Set(spec.mounts?.map((mount) => mount.target));
    for (const [at, file] of (spec.files ?? []).entries()) {
      if (!targets.has(file.target)) continue;
      context.addIssue({
        code: "custom",
        path: ["files", at],
        message: "is the target of a mount",
      });
    }
  });

/** What a person may write: sizes and durations as text, ports in their short form. */
export type ContainerInput = z.input<typeof container>;
export type ContainerSpec = z.output<typeof container>;
/** The fields that no engine is told. */
export type SteeringField = keyof typeof steering;
export type Attachment = z.output<typeof attachment>;
