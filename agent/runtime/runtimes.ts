// The execution drivers of this host by name: `native` (our own library), `lxc`, and OCI runtimes
// that are found or named in a file. Reads only; what they are asked is the shim's matter.
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import type { RuntimeDriver } from "../../resources/wire.ts";
import type { RuntimeEntry } from "./runtime-entry.ts";
import { limitsOf } from "./runtime-limits.ts";

export interface RuntimesPlace {
  /** Path of fairlead-runtime. */
  binary: string;
  /** JSON with `default` and `runtimes`; need not exist. */
  file: string;
}

export const NATIVE = "native";
const NATIVE_BEFORE = "fairlead";
/**
 * What clients name who mean Docker's own runtime, unless the host has one of that name; and what
 * the native runtime was called in records of older versions.
 */
const ALIASES = ["runc", "io.containerd.runc.v2", NATIVE_BEFORE];
const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const KNOWN = ["crun", "runc", "youki"];
const NAME = /^[a-z0-9][a-z0-9_.-]{0,62}$/;

const fileShape = z.strictObject({
  default: z.optional(z.string()),
  runtimes: z.optional(
    z.record(
      z.string().check(z.regex(NAME, "must be of a-z, 0-9, ., _ and -")),
      z.strictObject({
        path: z.string().check(z.regex(/^\/[^\0\n]+$/, "must be an absolute path")),
        options: z.optional(z.array(z.string().check(z.regex(/^-[^\0]*$/, "must begin with -")))),
        cgroups: z.optional(z.enum(["runtime", "shim"])),
      }),
    ),
  ),
});

/** The file is read at each question, so that an edit needs no restart of the agent. */
export class Runtimes {
  readonly #place: RuntimesPlace;

  constructor(place: RuntimesPlace) {
    this.#place = place;
  }

  /** The name for a container that names none. */
  get default(): string {
    return this.require(readFile(this.#place.file).default ?? NATIVE).name;
  }

  /** The driver of that name, as it is now; `invalid` with the names that are there. */
  require(name: string): RuntimeEntry {
    const all = this.list();
    const byName = (wanted: string) => all.find((one) => one.name === wanted);
    const found = byName(name) ?? (ALIASES.includes(name) ? byName(NATIVE) : undefined);
    if (!found) {
      const names = all.map((one) => one.name).join(", ");
      throw new FairleadError("invalid", `unknown or invalid runtime name: ${name}`, {
        hint: `this host has ${names}; install it, or name its binary in ${this.#place.file}`,
      });
    }
    if (found.kind !== "native") requireBinary(found);
    return found;
  }

  list(): RuntimeEntry[] {
    const { binary, file } = this.#place;
    const entries = new Map<string, RuntimeEntry>();
    const add = (entry: RuntimeEntry) => entries.set(entry.name, entry);
    add({ name: NATIVE, kind: "native", path: binary, options: [], ownCgroup: false });
    add({ name: "fairlead-runtime", kind: "oci", path: binary, options: [], ownCgroup: false });
    const lxc = findTool("lxc-start");
    if (lxc) {
      const folder = lxc.slice(0, lxc.lastIndexOf("/"));
      add({ name: "lxc", kind: "lxc", path: folder, options: [], ownCgroup: false });
    }
    for (const name of KNOWN) {
      const path = findTool(name);
      if (path) add({ name, kind: "oci", path, options: [], ownCgroup: false });
    }
    for (const [name, given] of Object.entries(readFile(file).runtimes ?? {})) {
      const { path, options = [], cgroups } = given;
      add({ name, kind: "oci", path, options, ownCgroup: cgroups === "shim" });
    }
    return [...entries.values()];
  }

  /** What clients are told, by name. */
  describe(): Record<string, RuntimeDriver> {
    return Object.fromEntries(
      this.list().map(({ name, kind, path }) => [name, { kind, path, cannot: limitsOf(kind) }]),
    );
  }
}

type RuntimesFile = z.infer<typeof fileShape>;

function readFile(path: string): RuntimesFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw wrong(path, (error as Error).message);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(path, (error as Error).message);
  }
  const result = fileShape.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw wrong(path, `${issue?.path.join(".") || "the file"}: ${issue?.message}`);
  }
  for (const name of [NATIVE, NATIVE_BEFORE, "lxc"]) {
    if (Object.hasOwn(result.data.runtimes ?? {}, name)) {
      throw wrong(path, `runtimes.${name}: the name is taken by the driver itself`);
    }
  }
  return result.data;
}

function wrong(path: string, reason: string): FairleadError {
  return new FairleadError("invalid", `the list of runtimes is not usable: ${reason}`, { path });
}

function requireBinary({ name, kind, path }: RuntimeEntry): void {
  const file = kind === "lxc" ? `${path}/lxc-start` : path;
  if (executable(file)) return;
  throw new FairleadError("invalid", `the runtime ${name} is not there: ${file}`, {
    path: file,
    hint: "install it on the host, or correct its path",
  });
}

function findTool(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
