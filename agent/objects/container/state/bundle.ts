// The bundle of a container: config.json and shim.json, which its shim reads at every restart of
// the container. The agent makes them at each start: a damaged one costs a restart only.
import { readFile } from "node:fs/promises";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { ShimSettings } from "../../../runtime/shim-protocol.ts";
import { replaceFile } from "../../../state/durable-file.ts";
import type { ContainerPaths } from "./record.ts";

/** The parts of config.json that change while a container runs, or are looked at. */
export interface BundleSpec {
  process: object;
  linux: { resources: object };
}

export interface Bundle {
  spec: BundleSpec;
  settings: ShimSettings;
}

/** `internal` when the bundle of a running container is damaged. */
export async function readBundle({ config, shimSettings }: ContainerPaths): Promise<Bundle> {
  const [spec, settings] = await Promise.all([read(config), read(shimSettings)]);
  if (!isObject(spec.process) || !isObject(spec.linux)) throw damaged(config);
  return { spec: spec as unknown as BundleSpec, settings: settings as unknown as ShimSettings };
}

/** Replaces what is given, each file in one step: the shim may read it at any moment. */
export async function replaceBundle(
  { config, shimSettings }: ContainerPaths,
  { spec, settings }: Partial<Bundle>,
): Promise<void> {
  if (spec) await replaceFile(config, JSON.stringify(spec));
  if (settings) await replaceFile(shimSettings, JSON.stringify(settings));
}

async function read(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw damaged(path, cause);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw damaged(path, cause as Error);
  }
  throw damaged(path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function damaged(path: string, cause?: Error): FairleadError {
  const why = cause ? `: ${cause.message}` : "";
  return new FairleadError("internal", `the container's ${path} is damaged${why}`, {
    path,
    hint: "stop the container and start it again, which writes the file anew",
    cause,
  });
}
