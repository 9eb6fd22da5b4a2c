// Which lifecycle does the operations of which kind. One more kind is a file here and a line.
import { FairleadError } from "../../../resources/model/errors.ts";
import { containerLifecycle } from "./container-operations.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { networkLifecycle } from "./network.ts";
import { filesLifecycle } from "./project-files.ts";
import { imageLifecycle, volumeLifecycle } from "./storage.ts";

const registered = new Map<string, Lifecycle>([
  ["container", containerLifecycle],
  ["image", imageLifecycle],
  ["network", networkLifecycle],
  ["volume", volumeLifecycle],
  // No kind that is declared: what of the project's folder is on a host.
  ["files", filesLifecycle],
]);

/** All of them, by kind. */
export const lifecycles: ReadonlyMap<string, Lifecycle> = registered;

/** The lifecycle of a kind; throws `unsupported` when nothing here can change one. */
export function lifecycleOf(kind: string): Lifecycle {
  const found = registered.get(kind);
  if (found) return found;
  throw new FairleadError("unsupported", `nothing here can change a ${kind}`);
}

/** Adds the lifecycle of a kind from outside; what is returned takes it away again. */
export function registerLifecycle(kind: string, lifecycle: Lifecycle): () => void {
  if (registered.has(kind)) throw new Error(`there is a lifecycle of ${kind} already`);
  registered.set(kind, lifecycle);
  return () => registered.delete(kind);
}
