// The resolved model, as the shapes read it: Compose's own names, every value in its long form.
// Sizes are strings of digits (bytes), durations are as Go prints them (`1m30s`).

export type Strings = Record<string, string>;

export interface Extensions {
  [extension: `x-${string}`]: unknown;
}

export interface FileReference {
  source: string;
  target?: string;
  uid?: string;
  gid?: string;
  mode?: string;
}

export interface Dependency {
  condition: "service_started" | "service_healthy" | "service_completed_successfully";
  restart?: boolean;
  required: boolean;
}

export interface DeviceRequest {
  capabilities?: string[];
  driver?: string;
  count?: number;
  device_ids?: string[];
  options?: Strings;
}

export interface ServiceNetwork {
  aliases?: string[];
  driver_opts?: Strings;
  gw_priority?: number;
  interface_name?: string;
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  priority?: number;
}

export interface Port {
  name?: string;
  mode?: string;
  host_ip?: string;
  target?: number;
  published?: string;
  protocol?: string;
  app_protocol?: string;
}

export interface Mount {
  type: "bind" | "volume" | "tmpfs" | "cluster" | "npipe" | "image";
  source?: string;
  target?: string;
  read_only?: boolean;
  consistency?: string;
  bind?: {
    selinux?: string;
    propagation?: string;
    create_host_path?: boolean;
    recursive?: string;
  };
  volume?: { labels?: Strings; nocopy?: boolean; subpath?: string };
  tmpfs?: { size?: string; mode?: number };
  image?: { subpath?: string };
}

export interface Healthcheck {
  test?: string[];
  timeout?: string;
  interval?: string;
  retries?: number;
  start_period?: string;
  start_interval?: string;
  disable?: boolean;
}

export interface Rollout {
  parallelism?: number;
  delay?: string;
  failure_action?: string;
  monitor?: string;
  max_failure_ratio?: number;
  order?: "start-first" | "stop-first";
}

export interface Deploy {
  mode?: string;
  replicas?: number;
  labels?: Strings;
  update_config?: Rollout;
  rollback_config?: Rollout;
  resources?: {
    limits?: { cpus?: number; memory?: string; pids?: number };
    reservations?: {
      cpus?: number;
      memory?: string;
      devices?: DeviceRequest[];
      generic_resources?: unknown[];
    };
  };
  restart_policy?: { condition?: string; delay?: string; max_attempts?: number; window?: string };
  placement?: {
    constraints?: string[];
    preferences?: unknown[];
    max_replicas_per_node?: number;
  };
  endpoint_mode?: string;
}

export interface Build {
  context?: string;
  dockerfile?: string;
  dockerfile_inline?: string;
  additional_contexts?: Strings;
  secrets?: FileReference[];
  platforms?: string[];
}

export interface Service extends Extensions {
  profiles?: string[];
  annotations?: Strings;
  attach?: boolean;
  build?: Build;
  develop?: unknown;
  blkio_config?: object;
  cap_add?: string[];
  cap_drop?: string[];
  cgroup_parent?: string;
  cgroup?: string;
  cpu_count?: number;
  cpu_percent?: number;
  cpu_period?: number;
  cpu_quota?: number;
  cpu_rt_period?: number;
  cpu_rt_runtime?: number;
  cpus?: number;
  cpuset?: string;
  cpu_shares?: number;
  command?: string[];
  configs?: FileReference[];
  container_name?: string;
  credential_spec?: object;
  depends_on?: Record<string, Dependency>;
  deploy?: Deploy;
  device_cgroup_rules?: string[];
  devices?: { source?: string; target?: string; permissions?: string }[];
  dns?: string[];
  dns_opt?: string[];
  dns_search?: string[];
  domainname?: string;
  entrypoint?: string[];
  provider?: object;
  environment?: Record<string, string | null>;
  env_file?: { path: string; required: boolean; format?: string }[];
  expose?: string[];
  external_links?: string[];
  extra_hosts?: string[];
  group_add?: string[];
  gpus?: DeviceRequest[];
  hostname?: string;
  healthcheck?: Healthcheck;
  image?: string;
  init?: boolean;
  ipc?: string;
  isolation?: string;
  labels?: Strings;
  label_file?: string[];
  links?: string[];
  logging?: { driver?: string; options?: Strings };
  mem_limit?: string;
  mem_reservation?: string;
  memswap_limit?: string;
  mem_swappiness?: string;
  mac_address?: string;
  models?: Record<string, object | null>;
  network_mode?: string;
  networks?: Record<string, ServiceNetwork | null>;
  oom_kill_disable?: boolean;
  oom_score_adj?: number;
  pid?: string;
  pids_limit?: number;
  platform?: string;
  ports?: Port[];
  privileged?: boolean;
  pull_policy?: string;
  read_only?: boolean;
  restart?: string;
  runtime?: string;
  scale?: number;
  secrets?: FileReference[];
  security_opt?: string[];
  shm_size?: string;
  stdin_open?: boolean;
  stop_grace_period?: string;
  stop_signal?: string;
  storage_opt?: Strings;
  sysctls?: Strings;
  tmpfs?: string[];
  tty?: boolean;
  ulimits?: Record<string, number | { soft: number; hard: number }>;
  use_api_socket?: boolean;
  user?: string;
  userns_mode?: string;
  uts?: string;
  volumes?: Mount[];
  volumes_from?: string[];
  working_dir?: string;
  post_start?: object[];
  pre_stop?: object[];
}

export interface Network extends Extensions {
  name: string;
  driver?: string;
  driver_opts?: Strings;
  ipam?: {
    driver?: string;
    config?: { subnet?: string; gateway?: string; ip_range?: string; aux_addresses?: Strings }[];
  };
  external?: boolean;
  internal?: boolean;
  attachable?: boolean;
  labels?: Strings;
  enable_ipv4?: boolean;
  enable_ipv6?: boolean;
}

export interface Volume extends Extensions {
  name: string;
  driver?: string;
  driver_opts?: Strings;
  external?: boolean;
  labels?: Strings;
}

/** A config or a secret. */
export interface FileObject extends Extensions {
  name: string;
  file?: string;
  environment?: string;
  content?: string;
  external?: boolean;
  labels?: Strings;
  driver?: string;
  driver_opts?: Strings;
  template_driver?: string;
}

export interface Model extends Extensions {
  name: string;
  services: Record<string, Service>;
  networks?: Record<string, Network>;
  volumes?: Record<string, Volume>;
  secrets?: Record<string, FileObject>;
  configs?: Record<string, FileObject>;
  models?: Record<string, object>;
}
