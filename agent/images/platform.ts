// Platforms: what this host runs, what a user asks for, and which entry of an index fits.
import { FairleadError } from "../../resources/model/errors.ts";
import { show } from "./digest.ts";

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

const NAMES: Record<string, string> = {
  x64: "amd64",
  x86_64: "amd64",
  "x86-64": "amd64",
  ia32: "386",
  i386: "386",
  i686: "386",
  aarch64: "arm64",
  armhf: "arm",
  armel: "arm",
};

/** The platform of this host. */
export function hostPlatform(architecture: string = process.arch): Platform {
  return normalise({ os: "linux", architecture });
}

/** Reads `linux/arm64/v8`, `linux/amd64` or `arm64`; `invalid` when it is neither. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split("/");
  const [os = "", architecture, variant] = parts.length === 1 ? ["linux", ...parts] : parts;
  if (
    parts.length > 3 ||
    parts.some((part) => !/^[a-z0-9][a-z0-9_.-]*$/.test(part)) ||
    !architecture
  ) {
    throw new FairleadError("invalid", `${show(text)} is not a platform`, {
      hint: "write it as os/architecture[/variant], such as linux/arm64",
    });
  }
  return normalise({ os, architecture, ...(variant === undefined ? {} : { variant }) });
}

/** Reads the platform of an index entry, whose members may be anything. */
export function readPlatform(value: Record<string, unknown>): Platform {
  const text = (part: unknown) => (typeof part === "string" ? part.toLowerCase() : "");
  return normalise({
    os: text(value.os),
    architecture: text(value.architecture),
    ...(typeof value.variant === "string" && value.variant !== ""
      ? { variant: value.variant.toLowerCase() }
      : {}),
  });
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].map(show).join("/");
}

/** Whether a host or request of `wanted` can use what was made for `offered`. */
export function platformFits(wanted: Platform, offered: Platform): boolean {
  return rank(wanted, offered) !== undefined;
}

/** The best fitting entry of an index; undefined when none fits. */
export function choosePlatform<T extends { platform?: Platform }>(
  entries: readonly T[],
  wanted: Platform,
): T | undefined {
  let best: { entry: T; rank: number } | undefined;
  for (const entry of entries) {
    const found = entry.platform === undefined ? undefined : rank(wanted, entry.platform);
    if (found !== undefined && (best === undefined || found < best.rank)) {
      best = { entry, rank: found };
    }
  }
  // An index of one entry without a platform says nothing else than "this one".
  if (best === undefined && entries.length === 1 && entries[0]?.platform === undefined) {
    return entries[0];
  }
  return best?.entry;
}

/** 0 is an exact fit, higher is worse; older variants of the same architecture run too. */
function rank(wanted: Platform, offered: Platform): number | undefined {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return undefined;
  const distance = level(wanted) - level(offered);
  return distance >= 0 ? distance : undefined;
}

function level({ variant }: Platform): number {
  const digits = /^v(\d{1,2})$/.exec(variant ?? "")?.[1];
  return digits === undefined ? 0 : Number(digits);
}

/** As containerd does: arm64 means v8, arm means v7, amd64 means v1. */
function normalise(platform: Platform): Platform {
  const architecture = NAMES[platform.architecture] ?? platform.architecture;
  const usual: Record<string, string> = { arm64: "v8", arm: "v7", amd64: "v1" };
  const variant =
    platform.architecture === "armel" ? "v6" : (platform.variant ?? usual[architecture]);
  return { os: platform.os, architecture, ...(variant === undefined ? {} : { variant }) };
}
