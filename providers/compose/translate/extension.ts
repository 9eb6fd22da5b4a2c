// The x-fairlead extension: hosts at the top level; at a service its host and how its image is
// made. Checked like the rest of the file.
import { hostFields, host as hostType } from "../../../resources/kinds/host/host.ts";
import { fieldsOf, inspect } from "../../../resources/model/schema.ts";
import { entry, isNull, type Node, type Path } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { dict, forms, listOf, object } from "../schema/collections.ts";
import { anyScalar, flag, oneOf, text, textOrNumber } from "../schema/scalars.ts";
import { plainValue, type Shape } from "../schema/shape.ts";

export const KEY = "x-fairlead";

/** At the top level. */
export interface StackExtension {
  /** Hosts by name: an address, or an object as in resources/kinds/host. */
  hosts?: Record<string, unknown>;
  /** The host of services that name none. */
  host?: string;
  /** Most that is brought to hosts of the project's folder, such as `500m`. */
  files_limit?: string;
  /** Most that a build is given of files here, such as `4g`. */
  context_limit?: string;
  /** The host that builds images for all others of its platform. */
  builder?: string;
}

/** At a service. */
export interface ServiceExtension {
  host?: string;
  hosts?: string[];
  image?: ImageExtension;
  /** The host that builds its image. */
  builder?: string;
  job?: boolean;
  settle?: string;
  health_timeout?: string;
  /** What a change of its files means: recreate, restart, none, or signal NAME. */
  onChange?: string;
  /** The engine's socket is mounted, and can only be read. */
  socket?: "read-only";
  adopt?: boolean;
}

/** At a network or a volume. */
export interface ResourceExtension {
  /** Where it is, beside the hosts of the containers that use it. */
  host?: string;
  hosts?: string[];
  adopt?: boolean;
}

export interface ImageExtension {
  /** A tar file as docker save or an OCI tool writes it. */
  archive?: string;
  /** Which image of the archive. */
  tag?: string;
  /** A directory or a tar file that becomes the image's one layer. */
  rootfs?: string;
  /** Defaults of an image made from a root file system, as in resources/kinds/image. */
  config?: unknown;
}

/** Passed on as it is; the resource's own declaration checks it. */
const passed: Shape = {
  wants: "a map",
  check: (node) => node,
  read: (node) => plainValue(node),
};

const host = forms({ scalar: anyScalar, map: passed }, passed, "an address or a map");
const stackShape = object(
  {
    ...{ hosts: dict(host), host: text, builder: text },
    ...{ files_limit: textOrNumber, context_limit: textOrNumber },
  },
  { extensions: false },
);
const serviceShape = object(
  {
    host: text,
    hosts: listOf(text, { unique: true }),
    builder: text,
    image: object(
      { archive: text, tag: text, rootfs: text, config: passed },
      { extensions: false },
    ),
    job: flag({ keep: true }),
    settle: textOrNumber,
    health_timeout: textOrNumber,
    adopt: flag(),
    onChange: text,
    socket: oneOf("read-only"),
  },
  { extensions: false },
);

const resourceShape = object(
  { host: text, hosts: listOf(text, { unique: true }), adopt: flag() },
  { extensions: false },
);

/** What the top level says; problems are added. */
export function stackExtension(tree: Node, problems: Problems): StackExtension {
  const found = read(entry(tree, KEY), stackShape, [KEY], problems) as StackExtension;
  if (found.hosts === undefined) return found;
  const hosts = Object.entries(found.hosts).map(([name, one]) => [name, withJumps(one)]);
  return { ...found, hosts: Object.fromEntries(hosts) };
}

/** Jump hosts may be written as for `ssh -J`: `ops@203.0.113.5,inner`. */
function withJumps(host: unknown): unknown {
  if (typeof host !== "object" || host === null || !("proxy" in host)) return host;
  const all = Array.isArray(host.proxy) ? host.proxy : [host.proxy];
  const proxy = all.flatMap((one) =>
    typeof one === "string" ? one.split(",").map((text) => jumpOf(text.trim())) : [one],
  );
  return { ...host, proxy };
}

function jumpOf(text: string): unknown {
  const found = inspect(hostType, text).value;
  return found !== undefined && found.host !== "local" ? found : text;
}

/** What a service says. */
export function serviceExtension(tree: Node, name: string, problems: Problems): ServiceExtension {
  const node = entry(entry(entry(tree, "services"), name), KEY);
  return read(node, serviceShape, ["services", name, KEY], problems) as ServiceExtension;
}

/** What a network or volume says. */
export function resourceExtension(
  tree: Node,
  kind: "networks" | "volumes",
  name: string,
  problems: Problems,
): ResourceExtension {
  const node = entry(entry(entry(tree, kind), name), KEY);
  return read(node, resourceShape, [kind, name, KEY], problems) as ResourceExtension;
}

const SECRET_KEYS = new Set(
  [...fieldsOf(hostFields)].flatMap(([name, { secret }]) => (secret ? [name] : [])),
);

/** A model as it may be printed: what opens hosts is masked. A key's path is no secret. */
export function withMaskedHosts<Model extends object>(model: Model): Model {
  const extension = (model as Record<string, unknown>)[KEY];
  if (typeof extension !== "object" || extension === null || !("hosts" in extension)) return model;
  return { ...model, [KEY]: { ...extension, hosts: masked(extension.hosts) } };
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isPath = key === "privateKey" && !String(inner).includes("\n");
      return [key, SECRET_KEYS.has(key) && !isPath ? "[secret]" : masked(inner)];
    }),
  );
}

function read(node: Node | undefined, shape: Shape, path: Path, problems: Problems): unknown {
  if (node === undefined || isNull(node)) return {};
  const checked = shape.check(node, path, problems);
  return shape.read(checked, path, problems) ?? {};
}
