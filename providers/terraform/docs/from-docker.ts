// What stands here for each attribute of kreuzwerker/docker 4.5, from which pulumi-docker is made:
// a page of tables. A test holds it against that provider's schema and against ours.

/** Their attributes; ours for them; and what there is to know, or what takes their place. */
type Row = readonly [theirs: string, ours: string, note?: string];

interface Section {
  theirs: string;
  /** The resource or data source that stands for it; absent when there is none. */
  ours?: string;
  rows: readonly Row[];
}

const LABELS: Row = ["labels.label labels.value", "labels", "A map."];
const BUILD: readonly Row[] = [
  ["build.context build.remote_context", "build.context", "A folder here, or a git repository."],
  ["build.dockerfile", "build.dockerfile", "Or `build.dockerfile_inline`."],
  ["build.target", "build.target"],
  ["build.build_args", "build.args"],
  ["build.additional_contexts", "build.contexts", "A map by name."],
  ["build.label build.labels", "build.labels"],
  ["build.tag", "build.tags", "Beside `name`."],
  ["build.network_mode", "build.network"],
  ["build.no_cache", "build.no_cache"],
  ["build.pull_parent", "build.pull"],
  ["build.shm_size", "build.shm_size"],
  ["build.extra_hosts", "build.extra_hosts", "A map of host names to addresses."],
  ["build.ulimit.name build.ulimit.soft build.ulimit.hard", "build.ulimits", "A map by name."],
  ["build.secrets.id build.secrets.src", "build.secrets", "A map by id, each with `source`."],
  ["build.secrets.env", "build.secrets", "`content`, as in `var.token`."],
  ["build.platform", "platform", "One; several are built elsewhere and pushed."],
  [
    "build.cache_from build.cache_to",
    "",
    "The host keeps the cache of its builds, for all projects.",
  ],
  [
    "build.cpu_period build.cpu_quota build.cpu_set_cpus build.cpu_set_mems build.cpu_shares " +
      "build.memory build.memory_swap build.cgroup_parent build.security_opt build.isolation",
    "",
    "Nothing: steps run as containers of the host without limits of their own.",
  ],
  [
    "build.provenance build.sbom build.squash",
    "",
    "Nothing: attestations are not made, and layers stay what steps made of them.",
  ],
  [
    "build.builder build.use_legacy_builder build.version build.build_id build.session_id " +
      "build.remove build.force_remove build.suppress_output build.build_log_file",
    "",
    "Nothing: there is one builder, which leaves no containers; its steps are told as they run.",
  ],
  [
    "build.auth_config.host_name build.auth_config.user_name build.auth_config.password " +
      "build.auth_config.auth build.auth_config.email build.auth_config.identity_token " +
      "build.auth_config.registry_token build.auth_config.server_address",
    "",
    "The credentials of `docker login` on this machine, sent with the build that needs them.",
  ],
];
const ELSEWHERE =
  "Push and tag where you build; `image` names what runs, and `pull` when it is fetched.";

export const SECTIONS: readonly Section[] = [
  {
    theirs: "docker_container",
    ours: "fairlead_container",
    rows: [
      [
        "name image command entrypoint env user working_dir hostname domainname init tty " +
          "stdin_open restart stop_signal privileged read_only runtime platform group_add dns " +
          "dns_search cgroup_parent sysctls shm_size memory memory_reservation memory_swap " +
          "cpus cpu_shares network_mode publish_all_ports",
        "name image command entrypoint env user working_dir hostname domainname init tty " +
          "stdin_open restart stop_signal privileged read_only runtime platform group_add dns " +
          "dns_search cgroup_parent sysctls shm_size memory memory_reservation memory_swap " +
          "cpus cpu_shares network_mode publish_all_ports",
        "The same names. `env` is a map; sizes are text with a unit, as in `512m`.",
      ],
      ["cpu_set", "cpuset"],
      ["cpu_period cpu_quota", "cpus", "Of which they are made: quota divided by period."],
      ["dns_opts", "dns_options"],
      ["ipc_mode", "ipc"],
      ["pid_mode", "pid"],
      ["userns_mode", "userns"],
      ["cgroupns_mode", "cgroupns"],
      ["security_opts", "security_opt"],
      ["storage_opts", "storage_opt"],
      ["max_retry_count", "restart", "As in `on-failure:3`."],
      ["stop_timeout destroy_grace_seconds", "stop_grace_period", "A duration, as in `30s`."],
      ["log_driver", "logging.driver"],
      ["log_opts", "logging.options"],
      ["capabilities.add", "cap_add"],
      ["capabilities.drop", "cap_drop"],
      LABELS,
      ["host.host host.ip", "extra_hosts", "A map of names to addresses."],
      ["ulimit.name ulimit.soft ulimit.hard", "ulimits", "A map by name."],
      [
        "healthcheck.test healthcheck.interval healthcheck.timeout healthcheck.retries " +
          "healthcheck.start_period healthcheck.start_interval",
        "healthcheck.test healthcheck.interval healthcheck.timeout healthcheck.retries " +
          "healthcheck.start_period healthcheck.start_interval",
      ],
      ["ports.internal", "ports.target"],
      ["ports.external", "ports.published", "Without it the host chooses one, as there."],
      ["ports.ip", "ports.host_ip"],
      ["ports.protocol", "ports.protocol"],
      [
        "networks_advanced.name networks_advanced.aliases",
        "networks networks.aliases",
        "A map by name.",
      ],
      ["networks_advanced.ipv4_address", "networks.ipv4"],
      ["networks_advanced.ipv6_address", "networks.ipv6"],
      ["networks_advanced.mac_address", "networks.mac_address"],
      [
        "networks_advanced.driver_opts networks_advanced.gw_priority " +
          "networks_advanced.link_local_ips",
        "",
        "Nothing: an attachment has names and fixed addresses.",
      ],
      ["mounts.type mounts.source mounts.target", "mounts.type mounts.source mounts.target"],
      ["mounts.read_only", "mounts.read_only"],
      ["mounts.bind_options.propagation", "mounts.propagation"],
      ["mounts.tmpfs_options.mode", "mounts.mode"],
      ["mounts.tmpfs_options.size_bytes", "mounts.size", "As in `64m`."],
      ["mounts.volume_options.no_copy", "mounts.no_copy"],
      ["mounts.volume_options.subpath", "mounts.subpath"],
      [
        "mounts.volume_options.driver_name mounts.volume_options.driver_options " +
          "mounts.volume_options.labels.label mounts.volume_options.labels.value",
        "mounts.source",
        "A `fairlead_volume` has driver, options and labels; `source` is its `name` or `id`.",
      ],
      ["tmpfs", "mounts.size mounts.mode mounts.options", "A mount of type `tmpfs`."],
      [
        "volumes.container_path volumes.host_path volumes.volume_name volumes.read_only",
        "mounts.target mounts.source mounts.read_only",
        "A mount of type `bind` or `volume`.",
      ],
      ["volumes.from_container", "volumes_from"],
      ["volumes.selinux_relabel", "", "Label the folder on the host once (`chcon`, `semanage`)."],
      ["devices.host_path", "devices.source"],
      ["devices.container_path", "devices.target"],
      ["devices.permissions", "devices.permissions"],
      [
        "device_read_bps.path device_read_bps.rate device_read_iops.path device_read_iops.rate " +
          "device_write_bps.path device_write_bps.rate device_write_iops.path " +
          "device_write_iops.rate",
        "block_io.read_bps block_io.read_iops block_io.write_bps block_io.write_iops",
        "Maps by device.",
      ],
      [
        "gpus device_requests.driver device_requests.device_ids device_requests.count " +
          "device_requests.capabilities device_requests.options",
        "devices device_cgroup_rules",
        "The devices themselves, or a `runtime` of the host that sees to them.",
      ],
      ["upload.file", "files.target"],
      ["upload.content", "files.content"],
      ["upload.content_base64", "files.content files.encoding", '`encoding = "base64"`.'],
      ["upload.source upload.source_hash", "files.source", "A changed file is seen by itself."],
      ["upload.permissions upload.executable", "files.mode", "As in 493, which is 0755."],
      ["wait", "health_timeout", "Always: an apply ends when it is healthy, or has kept running."],
      ["wait_timeout", "health_timeout"],
      ["container_read_refresh_timeout_milliseconds", "settle"],
      [
        "attach must_run exit_code",
        "job status",
        "`job = true`: an apply waits for its end with exit code 0, else it fails and tells the " +
          "code and the last lines; then `status` is `completed` and it is not run again.",
      ],
      ["logs container_logs", "", "The data source `fairlead_container_logs`."],
      [
        "start rm",
        "",
        "What is declared runs: leave the resource out instead. A `job` that has ended stays, " +
          "with its log, until the resource goes.",
      ],
      [
        "remove_volumes",
        "",
        "Volumes without a name are handed on to the container that takes this one's place, and " +
          "stay when it goes: name what is to be seen to.",
      ],
      ["bridge", "networks"],
      [
        "network_data.ip_address network_data.global_ipv6_address network_data.network_name",
        "addresses",
        "A map by network.",
      ],
      [
        "network_data.gateway network_data.ipv6_gateway network_data.ip_prefix_length " +
          "network_data.global_ipv6_prefix_length network_data.mac_address",
        "",
        "`subnets` of the `fairlead_network`.",
      ],
    ],
  },
  {
    theirs: "docker_image",
    ours: "fairlead_image",
    rows: [
      ["name platform", "name platform"],
      ["image_id", "ref"],
      ["repo_digest", "repo_digest"],
      ["pull_triggers", "pull", "`always` follows the registry's digest."],
      [
        "triggers",
        "",
        "Not needed for files, whose content is compared; else `replace_triggered_by`.",
      ],
      [
        "keep_locally force_remove",
        "",
        "An image that a container uses stays, with a warning; a `removed` block with " +
          "`destroy = false` keeps it in any case.",
      ],
      ...BUILD,
    ],
  },
  {
    theirs: "docker_network",
    ours: "fairlead_network",
    rows: [
      [
        "name driver internal attachable ipam_driver",
        "name driver internal attachable ipam_driver",
      ],
      ["options", "driver_opts"],
      ["ipv6", "enable_ipv6"],
      ["ipam_config.subnet", "subnets.subnet"],
      ["ipam_config.gateway", "subnets.gateway"],
      ["ipam_config.ip_range", "subnets.ip_range"],
      ["ipam_config.aux_address", "subnets.aux_addresses"],
      LABELS,
      ["ipam_options", "", "Nothing: the address driver has no options."],
      ["ingress scope", "", "Nothing: they are of swarms; here each network is a host's own."],
    ],
  },
  {
    theirs: "docker_volume",
    ours: "fairlead_volume",
    rows: [
      ["name driver driver_opts mountpoint", "name driver driver_opts mountpoint"],
      LABELS,
      [
        "cluster.availability cluster.group cluster.id cluster.limit_bytes " +
          "cluster.required_bytes cluster.scope cluster.sharing cluster.topology_preferred " +
          "cluster.topology_required cluster.type",
        "",
        "Nothing: they are of swarms.",
      ],
    ],
  },
  {
    theirs: "docker_registry_image",
    rows: [
      [
        "name keep_remotely sha256_digest triggers insecure_skip_verify auth_config.address " +
          "auth_config.username auth_config.password",
        "",
        ELSEWHERE,
      ],
      [BUILD.map(([theirs]) => theirs).join(" "), "", "`build` of a `fairlead_image`, as above."],
    ],
  },
  {
    theirs: "docker_tag",
    rows: [
      ["target_image source_image", "", "`build.tags` of a `fairlead_image`."],
      ["tag_triggers source_image_id", "", ELSEWHERE],
    ],
  },
  {
    theirs: "data.docker_containers",
    ours: "data.fairlead_containers",
    rows: [
      ["containers.id", "containers.container_id"],
      ["containers.image", "containers.image"],
      ["containers.labels", "containers.labels"],
      ["containers.names", "containers.name"],
      ["containers.state containers.status", "containers.status"],
      [
        "containers.command containers.created containers.image_id",
        "",
        "The data source `fairlead_container` of each.",
      ],
    ],
  },
  {
    theirs: "data.docker_image",
    ours: "data.fairlead_image",
    rows: [["name repo_digest", "name repo_digest"]],
  },
  {
    theirs: "data.docker_logs",
    ours: "data.fairlead_container_logs",
    rows: [
      ["name", "name"],
      ["tail", "tail"],
      ["logs_list_string logs_list_string_enabled discard_headers", "lines"],
      [
        "since until timestamps details show_stdout show_stderr follow",
        "",
        "`fairlead logs`, which has them all; a plan has no use for what has no end.",
      ],
    ],
  },
  {
    theirs: "data.docker_network",
    ours: "data.fairlead_network",
    rows: [
      ["name driver internal", "name driver internal"],
      ["options", "driver_opts"],
      ["ipam_config.subnet", "subnets.subnet"],
      ["ipam_config.gateway", "subnets.gateway"],
      ["ipam_config.ip_range", "subnets.ip_range"],
      ["ipam_config.aux_address", "subnets.aux_addresses"],
      ["scope", "", "Nothing: each network is a host's own."],
      [
        "containers.name containers.container_id containers.endpoint_id " +
          "containers.ipv4_address containers.ipv6_address containers.mac_address",
        "",
        "`addresses` of each `fairlead_container`.",
      ],
    ],
  },
  {
    theirs: "data.docker_registry_image",
    rows: [
      [
        "name sha256_digest insecure_skip_verify",
        "",
        '`repo_digest` of a `fairlead_image` with `pull = "always"`.',
      ],
    ],
  },
  {
    theirs: "data.docker_registry_image_manifests",
    rows: [
      [
        "name insecure_skip_verify auth_config.address auth_config.username auth_config.password " +
          "manifests.architecture manifests.media_type manifests.os manifests.sha256_digest",
        "",
        "Nothing: the host chooses the manifest of its platform, and `platform` another one.",
      ],
    ],
  },
  {
    theirs: "data.docker_registry_image_tags",
    rows: [
      ["name tags strict_semver insecure_skip_verify", "", "Nothing: name the tag that runs."],
    ],
  },
];

/** The page as Terraform's registry shows it. */
export function fromDocker(): string {
  return `\
Attributes have the names of the Compose Specification. What is accepted is honoured: what no
attribute here can say is in these tables, with what takes its place. \`terraform import\` of a
container says which of its options no attribute can carry.

The block \`registry_auth\` of the provider is not needed: the credentials of \`docker login\` on
the machine that runs Terraform are used, for one pull at a time. For services, configs, secrets
and plugins of a swarm: a container on each host, with \`files\` for configs and secrets.

${SECTIONS.map(sectionText).join("\n")}`;
}

function sectionText({ theirs, ours, rows }: Section): string {
  const head = ours === undefined ? `\`${theirs}\`` : `\`${theirs}\` is \`${ours}\``;
  const lines = rows.map(([from, to, note = ""]) => {
    const same = from === to ? "the same" : quoted(to);
    return `| ${quoted(from)} | ${to === "" ? "–" : same} | ${note} |`;
  });
  return `## ${head}\n\n| there | here | |\n| --- | --- | --- |\n${lines.join("\n")}\n`;
}

function quoted(names: string): string {
  return names
    .split(" ")
    .filter(Boolean)
    .map((name) => `\`${name}\``)
    .join(", ");
}
