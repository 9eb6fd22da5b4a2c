// The attributes of a service, in the order in which Compose prints them.
import { build } from "./build.ts";
import { command, dict, dropped, forms, listOf, object, oneOrMany } from "./collections.ts";
import { deploy, deviceRequests } from "./deploy.ts";
import {
  anyScalar,
  decimal,
  duration,
  flag,
  oneOf,
  size,
  text,
  textLike,
  textOrNumber,
  whole,
} from "./scalars.ts";
import {
  environment,
  extraHosts,
  fileReferences,
  labels,
  named,
  options,
  strings,
  ulimits,
} from "./shared.ts";

const healthcheckTest = oneOrMany(text);
const healthcheck = object({
  test: {
    ...healthcheckTest,
    read: (node, path, problems) =>
      node.kind === "scalar"
        ? ["CMD-SHELL", String(node.value)]
        : healthcheckTest.read(node, path, problems),
  },
  timeout: duration({ keep: true }),
  interval: duration({ keep: true }),
  retries: whole({ keep: true, min: 0 }),
  start_period: duration({ keep: true }),
  start_interval: duration({ keep: true }),
  disable: flag(),
});

const hook = object(
  {
    command,
    user: text,
    privileged: flag(),
    working_dir: text,
    environment,
  },
  { required: ["command"] },
);

const develop = object(
  {
    watch: listOf(
      object(
        {
          path: text,
          action: oneOf("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
          target: text,
          exec: hook,
          include: oneOrMany(text),
          ignore: oneOrMany(text),
          initial_sync: flag({ strict: true }),
        },
        { required: ["path", "action"] },
      ),
    ),
  },
  { nullable: true },
);

const rateLimits = listOf(object({ path: text, rate: size }, { extensions: false }));
const blkioConfig = object(
  {
    weight: whole({ min: 0 }),
    weight_device: listOf(
      object({ path: text, weight: whole({ keep: true, min: 0 }) }, { extensions: false }),
    ),
    device_read_bps: rateLimits,
    device_read_iops: rateLimits,
    device_write_bps: rateLimits,
    device_write_iops: rateLimits,
  },
  { extensions: false },
);

const dependency = object(
  {
    condition: oneOf("service_started", "service_healthy", "service_completed_successfully"),
    restart: flag(),
    required: flag({ keep: true, strict: true }),
  },
  { required: ["condition"], filled: ["required"] },
);
const dependencies = dict(dependency, { keys: named("service") });

const device = object({ source: text, target: text, permissions: text }, { required: ["source"] });

const serviceNetwork = object({
  aliases: strings,
  driver_opts: options,
  gw_priority: whole(),
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: strings,
  mac_address: text,
  priority: whole(),
});
const serviceNetworks = dict(serviceNetwork, { keys: named("network"), nullable: true });

const serviceModels = dict(object({ endpoint_var: text, model_var: text }), {
  keys: named("model"),
  nullable: true,
});

const port = object({
  name: text,
  mode: text,
  host_ip: text,
  target: whole({ min: 1, max: 65535 }),
  published: textOrNumber,
  protocol: text,
  app_protocol: text,
});

const mount = object(
  {
    type: oneOf("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
    source: text,
    target: text,
    read_only: flag(),
    consistency: text,
    bind: object({
      selinux: oneOf("z", "Z"),
      propagation: text,
      create_host_path: flag(),
      recursive: oneOf("enabled", "disabled", "writable", "readonly"),
    }),
    volume: object({ labels, nocopy: flag(), subpath: text }),
    tmpfs: object({ size, mode: whole({ min: 0 }) }),
    image: object({ subpath: text }),
  },
  { required: ["type"] },
);

const envFile = object(
  { path: text, required: flag({ keep: true }), format: text },
  { required: ["path"], filled: ["required"], extensions: false },
);

const PULL_POLICY =
  /^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$/;
const pullPolicy = textLike(
  PULL_POLICY,
  "one of always, never, missing, build, refresh, daily, weekly, every_12h",
);

export const service = object({
  profiles: strings,
  annotations: labels,
  attach: flag({ keep: true }),
  build,
  develop,
  blkio_config: blkioConfig,
  cap_add: strings,
  cap_drop: strings,
  cgroup_parent: text,
  cgroup: oneOf("host", "private"),
  cpu_count: whole({ min: 0 }),
  cpu_percent: decimal({ min: 0, max: 100, float32: true }),
  cpu_period: whole(),
  cpu_quota: whole(),
  cpu_rt_period: whole(),
  cpu_rt_runtime: whole(),
  cpus: decimal({ min: 0, float32: true }),
  cpuset: text,
  cpu_shares: whole(),
  command,
  configs: fileReferences,
  container_name: textLike(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
    "a container name: letters, digits, underscores, dots and hyphens",
  ),
  credential_spec: object({ config: text, file: text, registry: text }),
  depends_on: forms({ list: strings, map: dependencies }, dependencies),
  deploy,
  device_cgroup_rules: strings,
  devices: listOf(forms({ scalar: text, map: device }, device)),
  dns: oneOrMany(text, { unique: true }),
  dns_opt: strings,
  dns_search: oneOrMany(text, { unique: true }),
  domainname: text,
  entrypoint: command,
  provider: object(
    {
      type: text,
      options: dict(forms({ scalar: anyScalar, list: listOf(anyScalar) }, oneOrMany(anyScalar))),
    },
    { required: ["type"] },
  ),
  environment,
  env_file: forms(
    { scalar: text, list: listOf(forms({ scalar: text, map: envFile }, envFile)) },
    listOf(envFile),
  ),
  expose: listOf(textOrNumber, { unique: true }),
  extends: forms(
    {
      scalar: text,
      map: object({ file: text, service: text }, { required: ["service"], extensions: false }),
    },
    object({ file: text, service: text }),
  ),
  external_links: strings,
  extra_hosts: extraHosts,
  group_add: listOf(textOrNumber, { unique: true }),
  gpus: forms({ scalar: oneOf("all"), list: deviceRequests(false) }, deviceRequests(false)),
  hostname: text,
  healthcheck,
  image: text,
  init: flag({ keep: true }),
  ipc: text,
  isolation: text,
  labels,
  label_file: oneOrMany(text),
  links: strings,
  logging: object({ driver: text, options }),
  mem_limit: size,
  mem_reservation: size,
  memswap_limit: size,
  mem_swappiness: size,
  mac_address: text,
  models: forms({ list: strings, map: serviceModels }, serviceModels),
  network_mode: text,
  networks: forms({ list: strings, map: serviceNetworks }, serviceNetworks),
  oom_kill_disable: flag(),
  oom_score_adj: whole({ min: -1000, max: 1000 }),
  pid: text,
  pids_limit: whole(),
  platform: text,
  ports: listOf(forms({ scalar: textOrNumber, map: port }, port), { unique: true }),
  privileged: flag(),
  pull_policy: pullPolicy,
  pull_refresh_after: dropped(text),
  read_only: flag(),
  restart: text,
  runtime: text,
  scale: whole({ keep: true }),
  secrets: fileReferences,
  security_opt: strings,
  shm_size: size,
  stdin_open: flag(),
  stop_grace_period: duration({ keep: true }),
  stop_signal: text,
  storage_opt: dict(anyScalar),
  sysctls: labels,
  tmpfs: oneOrMany(text, { unique: true }),
  tty: flag(),
  ulimits,
  use_api_socket: flag({ strict: true }),
  user: text,
  userns_mode: text,
  uts: text,
  volumes: listOf(forms({ scalar: text, map: mount }, mount), { unique: true }),
  volumes_from: strings,
  working_dir: text,
  post_start: listOf(hook),
  pre_stop: listOf(hook),
});
