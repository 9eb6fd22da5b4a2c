// The version of the agent, and the digest of the bundle that it runs from.
import { readlinkSync } from "node:fs";
import { basename } from "node:path";

declare const FAIRLEAD_VERSION: string | undefined;

/** The package's version; the build writes it into the bundle. */
export const AGENT_VERSION = typeof FAIRLEAD_VERSION === "string" ? FAIRLEAD_VERSION : "0.1.0";

/** The name of the version folder that `/opt/fairlead/current` leads to; "" outside a bundle. */
export function bundleDigest(bundle: string): string {
  try {
    return basename(readlinkSync(`${bundle}/../../current`));
  } catch {
    return "";
  }
}
