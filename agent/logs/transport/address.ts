// Where a receiver listens, out of a log option. Pure.
import { invalid } from "../driver/options.ts";

export interface HostAndPort {
  host: string;
  port: number;
}

/** `HOST`, `HOST:PORT`, `[IPV6]:PORT`; `invalid` for anything else. */
export function hostAndPort(option: string, text: string, usualPort: number): HostAndPort {
  const [, six, name, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]\s]+))(?::(\d+))?\/?$/.exec(text) ?? [];
  const host = six ?? name;
  const port = digits === undefined ? usualPort : Number(digits);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw invalid(`${option}: ${JSON.stringify(text.slice(0, 200))} is no HOST:PORT`);
}
