// Chooses the storage driver: the one that is asked for, else the one that has containers already,
// else the first of the registry that works here. Knows no driver by name.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import type { StorageDriver, StorageDriverEntry, StorageHost } from "./driver/driver.ts";
import { STORAGE_DRIVERS } from "./drivers/registry.ts";

export interface StorageChoice {
  driver: StorageDriver;
  /** Why this one, as a sentence's end: "asked for with --storage". */
  reason: string;
}

export interface StorageRequest extends Omit<StorageHost, "folder"> {
  /** The agent's `--root`. */
  root: string;
  /** A name of the registry; absent means to choose. */
  wanted?: string | undefined;
  /** For tests: other drivers than the registry's. */
  drivers?: readonly StorageDriverEntry[];
}

/**
 * Opens a driver: `invalid` for an unknown name, `unsupported` for one that cannot work here,
 * `conflict` when containers of this host are kept by another.
 */
export async function chooseStorage(request: StorageRequest): Promise<StorageChoice> {
  const { root, wanted, drivers = STORAGE_DRIVERS } = request;
  const storage = join(root, "storage");
  await mkdir(storage, { recursive: true, mode: 0o711 });
  const open = ({ name, open: opened }: StorageDriverEntry) =>
    opened({ ...request, folder: join(storage, name) });
  const named = drivers.find(({ name }) => name === wanted);
  if (wanted !== undefined && named === undefined) {
    throw new FairleadError("invalid", `unknown storage driver ${JSON.stringify(wanted)}`, {
      hint: `use ${drivers.map(({ name }) => name).join(", ")}`,
    });
  }
  const holder = await holderOf(storage, drivers);
  if (named && holder && holder.entry !== named) {
    throw new FairleadError(
      "conflict",
      `storage driver ${named.name}: ${holder.containers} containers of this host are kept by ` +
        `the driver ${holder.entry.name}`,
      { hint: `remove those containers first, or use ${holder.entry.name}` },
    );
  }
  const fixed = named ?? holder?.entry;
  if (fixed === undefined) return firstThatWorks(drivers, root, open);
  const driver = await open(fixed).catch((error: Error) => {
    throw new FairleadError(
      "unsupported",
      `storage driver ${fixed.name} does not work in ${root}: ${error.message}`,
      {
        hint: named
          ? "use another --root, another driver, or none to have one chosen"
          : "containers of this host are kept by it: make it work again, or remove its folder",
        cause: error,
      },
    );
  });
  const reason = named ? "asked for with --storage" : "containers of this host are kept by it";
  return { driver, reason };
}

async function firstThatWorks(
  drivers: readonly StorageDriverEntry[],
  root: string,
  open: (entry: StorageDriverEntry) => Promise<StorageDriver>,
): Promise<StorageChoice> {
  const refusals: string[] = [];
  for (const entry of drivers) {
    try {
      const driver = await open(entry);
      const reason = refusals.length === 0 ? "the preferred one works here" : refusals.join("; ");
      return { driver, reason };
    } catch (error) {
      refusals.push(`${entry.name} does not work in ${root}: ${(error as Error).message}`);
    }
  }
  throw new FairleadError("unsupported", refusals.join("; "));
}

/** The driver whose folder has containers, and how many. */
async function holderOf(storage: string, drivers: readonly StorageDriverEntry[]) {
  for (const entry of drivers) {
    const names = await readdir(join(storage, entry.name)).catch(() => []);
    const containers = names.filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
    if (containers > 0) return { entry, containers };
  }
  return undefined;
}
