// How hosts are reached, from the process that plans to the one that applies. Terraform asks
// neither an unchanged host nor gives a new resource's private bytes to the second process, so
// this is kept in Terraform's own data folder, readable by this user only, as Terraform keeps its
// backend's settings.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { log } from "../protocol/log.ts";

export interface KeptHost {
  /** The fields of the connection, as the state has them. */
  connect: Record<string, unknown>;
  /** Write-only fields, which are in no state; for the processes of one run. */
  secrets?: Record<string, unknown> | undefined;
}

type Hosts = Record<string, KeptHost>;

const NAME = "fairlead-hosts.json";

/**
 * The fields of a host that an earlier process of this folder was told; undefined when none was.
 */
export function recalledHost(id: string): KeptHost | undefined {
  const hosts = readHosts();
  const found = Object.hasOwn(hosts, id) ? hosts[id] : undefined;
  return typeof found?.connect === "object" ? found : undefined;
}

/** Keeps the fields of a host, or forgets it; a folder that cannot be written is logged. */
export function keepHost(id: string, host: KeptHost | undefined): void {
  const hosts = readHosts();
  if (JSON.stringify(hosts[id]) === JSON.stringify(host)) return;
  const { [id]: _old, ...others } = hosts;
  const next = host === undefined ? others : { ...others, [id]: host };
  const path = placeOf();
  try {
    mkdirSync(dataFolder(), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(next)}\n`, { mode: 0o600 });
    renameSync(`${path}.${process.pid}`, path);
  } catch (error) {
    log("warn", `how ${id} is reached cannot be kept in ${path}: ${(error as Error).message}`);
  }
}

function readHosts(): Hosts {
  try {
    const value: unknown = JSON.parse(readFileSync(placeOf(), "utf8"));
    return typeof value === "object" && value !== null ? (value as Hosts) : {};
  } catch {
    // There is none yet, or it is no longer one: then nothing is recalled.
    return {};
  }
}

function placeOf(): string {
  return join(dataFolder(), NAME);
}

function dataFolder(): string {
  return resolve(process.env.TF_DATA_DIR || ".terraform");
}
