// One container of a service, as a container resource.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { secret } from "../../../resources/model/secret.ts";
import type { Path } from "../document/node.ts";
import type { Service } from "../model/types.ts";
import { apiSocketOf } from "./api-socket.ts";
import type { Translation } from "./context.ts";
import { filesOf } from "./files.ts";
import { healthcheckOf } from "./healthcheck.ts";
import { limitsOf } from "./limits.ts";
import { mountsOf, volumesFromOf } from "./mounts.ts";
import { attachmentsOf, legacyLinksOf, modeOf, namespaceOf, portsOf } from "./network.ts";
import { type ContainerSource, given } from "./source.ts";

/** The container's declaration; what cannot be honoured is reported. */
export function containerOf(source: ContainerSource, translation: Translation): ContainerInput {
  const { service, replica, extension } = source;
  const path = ["services", replica.service];
  const own = mountsOf(source, path, translation);
  const socket = apiSocketOf(service, path, translation);
  const targets = new Set(own.map(({ target }) => target));
  const mounts = [...own, ...socket.mounts.filter(({ target }) => !targets.has(target))];
  return given({
    name: replica.object,
    image: source.image,
    platform: service.platform,
    pull: pullOf(service, path, translation),
    job: extension.job,
    settle: extension.settle ?? service.deploy?.update_config?.monitor,
    healthTimeout: extension.health_timeout,
    replaceOrder: service.deploy?.update_config?.order,
    postStart: hooksOf(service.post_start),
    preStop: hooksOf(service.pre_stop),
    ...processOf(service, translation.project.given.get(replica.service), socket.env),
    restart: restartOf(service),
    healthcheck: healthcheckOf(service.healthcheck),
    mounts: some(mounts),
    volumesFrom: volumesFromOf(source, path, translation),
    storageOpt:
      service.storage_opt &&
      Object.fromEntries(
        Object.entries(service.storage_opt).map(([key, value]) => [key, String(value)]),
      ),
    files: some([...filesOf(service, path, translation), ...socket.files]),
    readOnly: service.read_only,
    devices: service.devices?.map(({ source: from = "", target, permissions }) =>
      given({ source: from, target, permissions }),
    ),
    deviceCgroupRules: service.device_cgroup_rules,
    shmSize: sizeOf(service.shm_size),
    ports: some(portsOf(service, path, translation)),
    networks: attachmentsOf(source, path, translation),
    networkMode: modeOf(source),
    links: legacyLinksOf(source),
    ...namesOf(service),
    ...limitsOf(service, path, translation),
    ...securityOf(source),
    labels: labelsOf(source, translation),
    annotations: service.annotations,
    logging: service.logging,
  }) as ContainerInput;
}

function hooksOf(hooks: Service["post_start"]) {
  return hooks?.map(({ command = [], user, privileged, working_dir: workingDir, environment }) =>
    given({
      ...{ command, user, privileged, workingDir },
      env:
        environment &&
        Object.fromEntries(
          Object.entries(environment).flatMap(([name, value]) =>
            value === null ? [] : [[name, secret(value)]],
          ),
        ),
    }),
  );
}

function processOf(
  service: Service,
  given: ReadonlySet<string> | undefined,
  more: NonNullable<ContainerInput["env"]>,
) {
  const { environment } = service;
  const own = Object.fromEntries(
    Object.entries(environment ?? {}).flatMap(([name, value]) => {
      if (value === null) return [];
      return [[name, given?.has(name) ? secret(value) : value] as const];
    }),
  );
  const isSaid = environment !== undefined || Object.keys(more).length > 0;
  const env = isSaid ? { ...more, ...own } : undefined;
  return {
    command: service.command,
    entrypoint: service.entrypoint,
    env,
    user: service.user,
    groupAdd: service.group_add,
    workingDir: service.working_dir,
    tty: service.tty,
    stdinOpen: service.stdin_open,
    init: service.init,
    stopSignal: service.stop_signal,
    stopGracePeriod: service.stop_grace_period,
  };
}

function namesOf(service: Service) {
  const hosts: Record<string, string[]> = {};
  for (const line of service.extra_hosts ?? []) {
    const cut = line.indexOf("=");
    const name = line.slice(0, cut);
    hosts[name] = [...(hosts[name] ?? []), line.slice(cut + 1)];
  }
  return {
    hostname: service.hostname,
    domainname: service.domainname,
    extraHosts: service.extra_hosts === undefined ? undefined : hosts,
    dns: service.dns,
    dnsSearch: service.dns_search,
    dnsOptions: service.dns_opt,
  };
}

function securityOf(source: ContainerSource) {
  const { service } = source;
  return {
    capAdd: service.cap_add,
    capDrop: service.cap_drop,
    privileged: service.privileged,
    securityOpt: service.security_opt,
    sysctls: service.sysctls,
    ipc: namespaceOf(service.ipc, source),
    pid: namespaceOf(service.pid, source),
    uts: service.uts,
    userns: service.userns_mode,
    cgroupns: service.cgroup,
    runtime: service.runtime,
  };
}

/** The service's labels, and those by which Docker's tools recognise Compose's containers. */
function labelsOf({ service, replica }: ContainerSource, { project }: Translation) {
  return {
    ...service.labels,
    "com.docker.compose.project": project.name,
    "com.docker.compose.service": replica.service,
    "com.docker.compose.container-number": String(replica.number),
    "com.docker.compose.oneoff": "False",
  };
}

function pullOf(service: Service, path: Path, translation: Translation) {
  const policy = service.pull_policy;
  if (policy === undefined || ["missing", "always", "never"].includes(policy)) return policy;
  if (policy === "build" && service.build !== undefined) return undefined;
  translation.refuse(
    [...path, "pull_policy"],
    policy === "build" ? "there is no build: to do so" : `${policy} is not supported`,
    "Use always or missing.",
  );
  return undefined;
}

/** As Compose does: a restart policy under deploy wins over `restart`. */
function restartOf(service: Service): string | undefined {
  const policy = service.deploy?.restart_policy;
  if (policy === undefined) return service.restart;
  const attempts = policy.max_attempts;
  switch (policy.condition) {
    case "none":
    case "no":
      return "no";
    case "on-failure":
      return attempts ? `on-failure:${attempts}` : "on-failure";
    case "unless-stopped":
      return "unless-stopped";
    default:
      return "always";
  }
}

function sizeOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

function some<Item>(list: Item[]): Item[] | undefined {
  return list.length === 0 ? undefined : list;
}
