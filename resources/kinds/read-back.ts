// From what an engine shows back to what one would declare: for drift in a state file, and for
// importing what exists. The inverse of the normal forms; a test holds the two against each other.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import { isKeyed, type Normal, type NormalSpec } from "../model/canonical.ts";
import type { FieldChange } from "../model/change.ts";
import { lastApplied } from "../plan/ownership.ts";
import { containerFacets, type FacetField } from "./container/docker/container.ts";
import { ports } from "./container/port.ts";
import { kindOf } from "./registry.ts";

export type Seen =
  | { kind: "container"; seen: ContainerInspectResponse; image?: ImageInspect | undefined }
  | { kind: "network"; seen: NetworkInspect }
  | { kind: "volume"; seen: Volume };

/** Every field that differs with its value on the host; undefined for a field that is not there. */
export function driftedFields(
  one: Seen,
  desired: NormalSpec,
  changes: readonly FieldChange[],
): Record<string, unknown> {
  const shown = shownFields(one);
  const last = lastApplied(labelsOf(one)) as NormalSpec;
  const fields = new Set(changes.map(({ field }) => field.split(".")[0]!));
  return Object.fromEntries(
    [...fields].map((field) => {
      const declared = [desired[field], last[field]].filter(isKeyed).flatMap(Object.keys);
      return [field, declaredForm(field, within(shown[field], new Set(declared)))];
    }),
  );
}

/** The declaration of an object that exists: as it was declared, else what is not a default. */
export function importedFields(one: Seen): Record<string, unknown> {
  const shown = shownFields(one);
  const last = lastApplied(labelsOf(one)) as NormalSpec;
  const known = Object.keys(last).length > 0;
  const defaults: NormalSpec = known || one.kind !== "container" ? {} : imageDefaults(one);
  const fields = Object.entries(shown).flatMap(([field, value]) => {
    if (known && !Object.hasOwn(last, field)) return [];
    const keys = isKeyed(last[field]) ? new Set(Object.keys(last[field])) : undefined;
    const wished = field === "networks" ? withoutGivenAddresses(one, value, last[field]) : value;
    const own = keys ? within(wished, keys) : without(wished, defaults[field]);
    const form = declaredForm(field, own);
    return form === undefined || (!known && isDefault(field, form)) ? [] : [[field, form]];
  });
  return Object.fromEntries(fields);
}

/** Every field that the engine shows, in comparable form. */
export function shownFields({ kind, seen }: Seen): NormalSpec {
  return kindOf(kind).shown(seen);
}

function labelsOf({ kind, seen }: Seen) {
  return kindOf(kind).labelsOf(seen);
}

function within(value: Normal, keys: ReadonlySet<string>): Normal {
  if (!isKeyed(value) || keys.size === 0) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.has(key)));
}

function without(value: Normal, defaults: Normal): Normal {
  if (JSON.stringify(value) === JSON.stringify(defaults)) return undefined;
  if (!isKeyed(value) || !isKeyed(defaults)) return value;
  const own = Object.entries(value).filter(([key, one]) => one !== defaults[key]);
  return Object.fromEntries(own);
}

// A running container shows a hardware address in every network; only some were asked for.
function withoutGivenAddresses(one: Seen, networks: Normal, last: Normal): Normal {
  if (!isKeyed(networks) || one.kind !== "container") return networks;
  const { MacAddress: asked } = (one.seen.Config ?? {}) as { MacAddress?: string };
  const entries = Object.entries(networks).map(([name, attachment]) => {
    if (!isKeyed(attachment)) return [name, attachment];
    const before = isKeyed(last) ? last[name] : undefined;
    const declared = isKeyed(before) && before.macAddress !== undefined;
    if (declared || (asked && asked.toLowerCase() === attachment.macAddress)) {
      return [name, attachment];
    }
    return [name, { ...attachment, macAddress: undefined }];
  });
  return Object.fromEntries(entries) as Normal;
}

// From the keyed normal form to the list that people write.
const FORMS: Record<string, (value: Record<string, Normal>) => unknown> = {
  ports: (value) => ports.parse(Object.keys(value)),
  mounts: (value) => listed("target", value),
  devices: (value) => listed("target", value),
  subnets: (value) => listed("subnet", value),
  healthcheck: (value) => {
    const test = value.test as string[] | undefined;
    if (test?.[0] === "NONE") return { disable: true };
    const set = Object.entries(value).filter(([, one]) => one !== 0 && !isEmpty(one));
    return set.length === 0 ? undefined : Object.fromEntries(set);
  },
  logging: ({ driver, ...flat }) => {
    const options = Object.entries(flat).map(([key, one]) => [key.replace(/^options\./, ""), one]);
    return { driver, ...(options.length > 0 ? { options: Object.fromEntries(options) } : {}) };
  },
};

function declaredForm(field: string, value: Normal): unknown {
  if (value === undefined || value === null) return undefined;
  const form = FORMS[field];
  if (!form || !isKeyed(value)) return plain(value);
  return form(plain(value) as Record<string, Normal>);
}

function listed(key: string, value: Record<string, Normal>) {
  return Object.entries(value).map(([name, one]) => ({ [key]: name, ...(one as object) }));
}

function plain(value: Normal): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isKeyed(value)) return value;
  const set = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  return Object.fromEntries(set.map(([key, one]) => [key, plain(one)]));
}

// What engines show of a container for which nothing was said (moby 20.10 to 28, and our agent).
const ENGINE_DEFAULTS: Record<string, readonly unknown[]> = {
  restart: ["no"],
  stopGracePeriod: [10_000],
  shmSize: [64 << 20],
  pidsLimit: [-1],
  ipc: ["private", "shareable"],
  cgroupns: ["private", "host"],
  runtime: ["runc", "native", "fairlead"],
  driver: ["bridge", "local"],
  ipamDriver: ["default"],
};

function isDefault(field: string, form: unknown): boolean {
  // The name of a network it has joined, which its networks say.
  if (field === "networkMode" && !/^(host|none|container:.*)$/.test(String(form))) return true;
  if (isEmpty(form) || form === false || form === 0) return true;
  if (field === "logging") return JSON.stringify(form) === '{"driver":"json-file"}';
  if (field === "networks") return Object.keys(form as object).join() === "bridge";
  return ENGINE_DEFAULTS[field]?.includes(form) === true;
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

// What the image brings is not the container's own wish; its host name is its id.
function imageDefaults({ seen, image }: Extract<Seen, { kind: "container" }>): NormalSpec {
  const config = { ...seen, Config: { Hostname: seen.Id?.slice(0, 12), ...image?.Config } };
  const fields: FacetField[] = [
    ...(["command", "entrypoint", "env", "user", "workingDir", "stopSignal"] as const),
    ...(["healthcheck", "labels", "hostname"] as const),
  ];
  const read = (field: FacetField) => containerFacets[field].read(config as typeof seen);
  return Object.fromEntries(fields.map((field) => [field, read(field)]));
}
