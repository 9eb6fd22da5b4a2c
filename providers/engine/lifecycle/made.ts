// Who makes a container, and when, as a label: it tells one creation from every other, which the
// labels that an image hands down cannot.
import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { ContainerInspectResponse } from "@docker/node-sdk";
import { CHANGED_LABEL, MADE_LABEL } from "../../../resources/plan/ownership.ts";

const RUN = randomBytes(6).toString("hex");

/** The label of a creation by this run. */
export function madeNow(): Record<string, string> {
  return { [MADE_LABEL]: `${new Date().toISOString()} ${runner()} ${RUN}` };
}

/** The label of a change in place by this run. */
export function changedNow(): Record<string, string> {
  return { [CHANGED_LABEL]: `${new Date().toISOString()} ${runner()} ${RUN}` };
}

/** Whether this very run made the container. */
export function isMadeHere(seen: ContainerInspectResponse): boolean {
  return seen.Config?.Labels?.[MADE_LABEL]?.split(" ").at(-1) === RUN;
}

/** Who made a container, and how long ago; undefined when it does not say. */
export function makerOf(
  seen: ContainerInspectResponse,
  label: string = MADE_LABEL,
): string | undefined {
  const [time = "", who] = seen.Config?.Labels?.[label]?.split(" ") ?? [];
  const seconds = Math.round((Date.now() - Date.parse(time)) / 1000);
  if (who === undefined || Number.isNaN(seconds)) return undefined;
  return `${who}, ${Math.max(0, seconds)} s ago`;
}

function runner(): string {
  const words = `${nameOfUser()}@${hostname()}`;
  return words.replace(/[^\x21-\x7e]+/g, "_").slice(0, 200);
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run us under a number that has no name.
    return String(process.getuid?.() ?? "unknown");
  }
}
