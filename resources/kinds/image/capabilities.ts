// What of an image not every engine honours.
import type { Capability } from "../../plan/capability.ts";
import type { EngineFacts } from "../../plan/observed.ts";
import type { ImageSpec } from "./image.ts";

const HINT = "Build on a host with fairlead's own engine: x-fairlead.builder names one.";

const ownBuilder =
  (no: string) =>
  ({ can }: EngineFacts) =>
    can.builds ? ("yes" as const) : { no, hint: HINT };

export const imageCapabilities: readonly Capability<ImageSpec>[] = [
  {
    ...{ field: "build.secrets", use: "values for RUN --mount=type=secret" },
    asked: ({ build }) => (build?.secrets === undefined ? [] : [["build", "secrets"]]),
    ability: ownBuilder("cannot be given to the engine's classic builder"),
  },
  {
    ...{ field: "build.contexts", use: "further contexts" },
    asked: ({ build }) => (build?.contexts === undefined ? [] : [["build", "contexts"]]),
    ability: ownBuilder("cannot be given to the engine's classic builder"),
  },
];
