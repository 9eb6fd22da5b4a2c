// Ids of our own resources, `HOST/NAME`, wherever a container refers to something by its name:
// a tool that passes a resource itself passes its id.
import { FairleadError } from "../../../resources/model/errors.ts";

type Fields = Record<string, unknown>;

/**
 * The fields of a container with names in place of ids of this host. Throws `invalid` when
 * something on another host is meant; `isHost` says whether a text is the id of one.
 */
export function withNames(
  fields: Fields,
  host: string,
  isHost: (id: string) => boolean = () => false,
): Fields {
  const name = (value: unknown, where: string): unknown => {
    if (typeof value !== "string") return value;
    if (value.startsWith(`${host}/`)) return value.slice(host.length + 1);
    const other = /^((?:ssh|unix):\/\/.+|[^/]+)\/[^/]+$/.exec(value)?.[1];
    if (other === undefined || !isHost(other)) return value;
    throw new FairleadError("invalid", `${where}: ${value} is on ${other}, and not on ${host}`, {
      path: where,
      hint: "What a container uses must be on the host of the container.",
    });
  };
  const { image, networks, mounts } = fields;
  const named: Fields = { ...fields };
  if (image !== undefined) named.image = name(image, "image");
  if (isKeyed(networks)) {
    const entries = Object.entries(networks);
    named.networks = Object.fromEntries(entries.map(([key, one]) => [name(key, "networks"), one]));
  }
  if (Array.isArray(mounts)) {
    named.mounts = mounts.map((one, at) => {
      if (!isKeyed(one) || one.type !== "volume") return one;
      return { ...one, source: name(one.source, `mounts[${at}].source`) };
    });
  }
  for (const field of ["networkMode", "ipc", "pid"]) {
    const [, shared] = /^container:(.+)$/.exec(String(fields[field])) ?? [];
    if (shared !== undefined) named[field] = `container:${name(shared, field)}`;
  }
  return named;
}

function isKeyed(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
