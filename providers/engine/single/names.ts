// Ids of our own resources, `HOST/NAME`, wherever one refers to something by its name:
// a tool that passes a resource itself passes its id.
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";

type Fields = Record<string, unknown>;

/**
 * The fields of an object with names in place of ids of this host. Throws `invalid` when something
 * on another host is meant; `isHost` says whether a text is the id of one.
 */
export function withNames(
  kind: Kind,
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
      hint: `What a ${kind} uses must be on the host of the ${kind}.`,
    });
  };
  return kindOf(kind).renamed?.(fields, name) ?? fields;
}
