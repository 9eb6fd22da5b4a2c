// What a stage has become so far: its configuration, variables, layers and history. A value; each
// instruction makes a new one.
import type { ImageDocument } from "../images/manifest.ts";
import type { Variables } from "./dockerfile/expand.ts";

export type ImageSettings = NonNullable<ImageDocument["config"]> & {
  Shell?: string[];
  OnBuild?: string[];
  ArgsEscaped?: boolean;
};

type HistoryEntry = NonNullable<ImageDocument["history"]>[number];

export interface StageState {
  /** The image that holds the layers so far, without a configuration; undefined for none. */
  imageId: string | undefined;
  settings: ImageSettings;
  platform: { os: string; architecture: string; variant?: string };
  author: string | undefined;
  history: HistoryEntry[];
  /** Arguments in scope, beside the environment. */
  args: Variables;
  /** Whether a CMD stands in this Dockerfile: an ENTRYPOINT then leaves it alone. */
  ownCommand: boolean;
}

const DEFAULT_SHELL = ["/bin/sh", "-c"];
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function shellOf({ settings }: StageState): string[] {
  return settings.Shell ?? DEFAULT_SHELL;
}

/** The variables that replace `$NAME` in the instructions of the stage; the environment wins. */
export function variablesOf({ settings, args }: StageState): Variables {
  const variables = new Map(args);
  for (const entry of settings.Env ?? []) {
    const cut = entry.indexOf("=");
    variables.set(entry.slice(0, cut), entry.slice(cut + 1));
  }
  return variables;
}

export function withHistory(
  state: StageState,
  createdBy: string,
  created: string,
  empty: boolean,
): StageState {
  const entry: HistoryEntry = {
    created,
    created_by: createdBy,
    comment: "buildkit.dockerfile.v0",
    ...(empty ? { empty_layer: true } : {}),
  };
  return { ...state, history: [...state.history, entry] };
}
