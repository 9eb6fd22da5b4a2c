// The list of containers: docker ps with its filters, order and words.
import type { ContainerSummary } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { hasLabel } from "../../filter.ts";
import { hasIPv6 } from "../../host.ts";
import { humanDuration, unixSeconds } from "../../time.ts";
import { parsePort, portSummary } from "../create/ports.ts";
import type { Container } from "../state/container.ts";
import { linkNames } from "../state/links.ts";
import type { ContainerParts } from "../state/parts.ts";
import { endpointSettings, mountPoints, sizesOf, stateOf } from "./inspect.ts";

export const LIST_FILTERS = [
  "ancestor",
  "before",
  "exited",
  "expose",
  "health",
  "id",
  "is-task",
  "isolation",
  "label",
  "name",
  "network",
  "publish",
  "since",
  "status",
  "volume",
];

export interface ListOptions {
  all: boolean;
  /** The newest so many, whatever their state; 0 is no limit. */
  limit: number;
  size: boolean;
  filters: ReadonlyMap<string, readonly string[]>;
  apiVersion: number;
}

const STATUSES = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];

/** Newest first. */
export async function listContainers(
  options: ListOptions,
  parts: ContainerParts,
): Promise<ContainerSummary[]> {
  const wanted = await matching(options.filters, parts);
  const anyState =
    options.all ||
    options.limit > 0 ||
    ["status", "exited", "before", "since"].some((key) => options.filters.has(key));
  const found = sorted(parts)
    .filter((container) => anyState || container.running)
    .filter(wanted);
  const chosen = options.limit > 0 ? found.slice(0, options.limit) : found;
  return Promise.all(chosen.map((container) => summaryOf(container, options, parts)));
}

/** A predicate from the filters; `invalid` for a value that none can have. */
export async function matching(
  filters: ReadonlyMap<string, readonly string[]>,
  parts: ContainerParts,
): Promise<(container: Container) => boolean> {
  const tests: ((container: Container) => boolean)[] = [];
  for (const [key, values] of filters) {
    if (values.length === 0) continue;
    tests.push(await testOf(key, values, parts));
  }
  return (container) => tests.every((test) => test(container));
}

type Test = (container: Container) => boolean;

async function testOf(
  key: string,
  values: readonly string[],
  parts: ContainerParts,
): Promise<Test> {
  const some = (test: (container: Container, value: string) => boolean): Test => {
    return (container) => values.some((value) => test(container, value));
  };
  switch (key) {
    case "id":
      return some(({ id }, value) => id.startsWith(value) || matches(value, id));
    case "name":
      return some(
        ({ record }, value) => matches(value, `/${record.name}`) || matches(value, record.name),
      );
    case "label":
      return ({ record }) => values.every((value) => hasLabel(record.config.Labels ?? {}, value));
    case "status":
      for (const value of values) requireOneOf("status", value, STATUSES);
      return some(({ status }, value) => status === value);
    case "exited":
      for (const value of values) requireNumber("exited", value);
      return some(
        (container, value) => container.status === "exited" && container.exitCode === Number(value),
      );
    case "health":
      for (const value of values)
        requireOneOf("health", value, ["none", "starting", "healthy", "unhealthy"]);
      return some(({ state }, value) => (state?.health?.status ?? "none") === value);
    case "before":
    case "since":
      return byAge(key, values, parts);
    case "ancestor":
      return byAncestor(values, parts);
    case "network":
      return some((container, value) => onNetwork(container, value, parts));
    case "volume":
      return some(({ record }, value) =>
        record.mounts.some((mount) => mount.name === value || mount.target === value),
      );
    case "publish":
    case "expose":
      return byPort(key, values, parts);
    case "is-task":
      return some((_, value) => ["0", "false"].includes(value));
    default:
      return some((_, value) => value === "default");
  }
}

function byAge(key: "before" | "since", values: readonly string[], parts: ContainerParts): Test {
  const times = values.map((value) => parts.containers.require(value).record.created);
  return ({ record }) =>
    times.every((time) => (key === "before" ? record.created < time : record.created > time));
}

async function byAncestor(values: readonly string[], parts: ContainerParts): Promise<Test> {
  const ids = new Set<string>();
  for (const value of values) {
    const image = await parts.images.find(value);
    if (image) ids.add(image.id);
  }
  return ({ record }) => ids.has(record.imageId) || values.includes(record.config.Image ?? "");
}

function onNetwork(container: Container, value: string, parts: ContainerParts): boolean {
  const sandbox = parts.network.find(container.id);
  const live = sandbox?.endpoints ?? [];
  return (
    live.some((e) => e.networkName === value || e.networkId.startsWith(value)) ||
    container.record.endpoints.some(({ network }) => network === value)
  );
}

/** `80`, `80/udp` or `8000-8010/tcp`. */
function byPort(key: string, values: readonly string[], parts: ContainerParts): Test {
  const ranges = values.map((value) => {
    const [, first = "", last = first, protocol = "tcp"] =
      /^(\d{1,5})(?:-(\d{1,5}))?(?:\/([a-z]+))?$/.exec(value) ?? [];
    if (first === "") throw new FairleadError("invalid", `invalid filter '${key}=${value}'`);
    return { first: Number(first), last: Number(last), protocol };
  });
  const inside = (port: number, protocol: string) =>
    ranges.some((r) => port >= r.first && port <= r.last && protocol === r.protocol);
  return (container) => {
    // A port counts as long as the network is there, published or not.
    const sandbox = parts.network.find(container.id);
    if (!sandbox) return false;
    const exposed = Object.keys(container.record.config.ExposedPorts ?? {}).map(parsePort);
    if (key === "expose" && exposed.some(({ port, protocol }) => inside(port, protocol))) {
      return true;
    }
    return sandbox.ports.some(({ hostPort, protocol }) => inside(hostPort, protocol));
  };
}

function sorted(parts: ContainerParts): Container[] {
  return parts.containers.all().sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
}

async function summaryOf(
  container: Container,
  options: ListOptions,
  parts: ContainerParts,
): Promise<ContainerSummary> {
  const { record } = container;
  const sandbox = parts.network.find(container.id);
  const ipv6 = sandbox?.relay !== undefined && hasIPv6();
  return {
    Id: record.id,
    Names: [`/${record.name}`, ...linkNames(container, parts.containers)],
    Image: record.config.Image ?? "",
    ImageID: record.imageId,
    Command: commandText(record.path, record.args),
    Created: unixSeconds(record.created),
    Ports: sandbox ? portSummary(record.config, sandbox.ports, ipv6) : [],
    ...(await sizesOf(container, options.size, parts)),
    Labels: record.config.Labels ?? {},
    State: container.status,
    Status: statusText(container),
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? "",
      ...(options.apiVersion >= 1.46 ? { Annotations: record.hostConfig.Annotations ?? {} } : {}),
    },
    NetworkSettings: { Networks: endpointSettings(container, sandbox, options.apiVersion) },
    Mounts: mountPoints(record),
  };
}

function commandText(path: string, args: string[]): string {
  return [path, ...args]
    .map((word) => (/[\s']/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word))
    .join(" ");
}

/** "Up 3 minutes (healthy)", "Exited (0) 2 seconds ago", "Created". */
function statusText(container: Container): string {
  const state = stateOf(container);
  const since = (time: string | undefined) => humanDuration(Date.now() - Date.parse(time ?? ""));
  switch (container.status) {
    case "restarting":
      return `Restarting (${container.state?.exitCode ?? 0}) ${since(state.FinishedAt)} ago`;
    case "paused":
      return `Up ${since(state.StartedAt)} (Paused)`;
    case "running": {
      const health = state.Health?.Status;
      const word = health === "starting" ? "health: starting" : health;
      return `Up ${since(state.StartedAt)}${word ? ` (${word})` : ""}`;
    }
    case "removing":
      return "Removal In Progress";
    case "created":
      return "Created";
    case "dead":
      return "Dead";
    default:
      return `Exited (${container.exitCode}) ${since(state.FinishedAt)} ago`;
  }
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text.includes(pattern);
  }
}

function requireOneOf(filter: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new FairleadError("invalid", `invalid filter '${filter}=${value}'`);
}

function requireNumber(filter: string, value: string): void {
  if (/^-?\d{1,9}$/.test(value)) return;
  throw new FairleadError("invalid", `invalid filter '${filter}=${value}'`);
}
