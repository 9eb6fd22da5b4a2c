// Finds and checks the bundle that the build made: what a host of one platform needs. Reads only.
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { EngineDrivers } from "../../../resources/plan/observed.ts";
import { agentDrivers } from "../../../resources/wire.ts";

export interface BundlePart {
  readonly name: string;
  /** Of the unpacked file, in hex. */
  readonly sha256: string;
  readonly size: number;
  readonly gzSize: number;
}

export interface Bundle {
  readonly platform: string;
  readonly version: string;
  /** Names this set of parts; an agent that was started from it reports the same. */
  readonly digest: string;
  readonly parts: readonly BundlePart[];
  /** The drivers that an agent of it has; absent in a bundle that does not say. */
  readonly drivers: EngineDrivers | undefined;
  /** The part, compressed with gzip. */
  open(part: BundlePart): Readable;
}

const PART_NAMES = ["node", "agent.cjs", "fairlead.node", "fairlead-runtime"];
const HEX = /^[0-9a-f]{64}$/;

/** Where the bundles are: beside the built command, or in `dist` of the sources. */
export function bundleFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < 6; level++) {
    for (const candidate of [join(folder, "bundle"), join(folder, "dist/bundle")]) {
      if (platformsIn(candidate).length > 0) return candidate;
    }
    folder = dirname(folder);
  }
  throw new FairleadError("internal", "the bundle for hosts is missing from this installation", {
    hint: "install fairlead again, or in its sources: npm run build",
  });
}

/** The platforms that there is a bundle for, such as `linux-x64`. */
export function platformsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "manifest.json")));
}

/** Reads the bundle of a platform; `internal` when it is damaged. */
export function loadBundle(folder: string, platform: string): Bundle {
  const path = join(folder, platform, "manifest.json");
  let manifest: Partial<Bundle>;
  try {
    manifest = JSON.parse(readFileSync(path, "utf8")) as Partial<Bundle>;
  } catch (cause) {
    throw new FairleadError("internal", `cannot read the bundle for ${platform}`, { path, cause });
  }
  const { version, digest, parts } = manifest;
  const whole =
    typeof version === "string" && HEX.test(digest ?? "") && parts?.every(isPart) === true;
  if (!whole || PART_NAMES.some((name) => !parts.some((part) => part.name === name))) {
    throw new FairleadError("internal", `the bundle for ${platform} is damaged`, { path });
  }
  const open = (part: BundlePart) =>
    createReadStream(join(folder, platform, "parts", `${part.sha256}.gz`));
  const drivers = agentDrivers.omit({ storage: true }).safeParse(manifest.drivers).data;
  return { platform, version, digest: digest!, parts, drivers, open };
}

function isPart(part: BundlePart): boolean {
  return (
    PART_NAMES.includes(part.name) && HEX.test(part.sha256) && part.size > 0 && part.gzSize > 0
  );
}
