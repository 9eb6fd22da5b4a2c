// Instructions that change an image's configuration by themselves, as `import --change` and
// `commit --change` have them: those of Dockerfiles which make no layer. Pure.
import { FairleadError } from "../../resources/model/errors.ts";
import { show } from "../images/digest.ts";
import { readInstruction } from "./dockerfile/instructions.ts";
import { readLines } from "./dockerfile/lines.ts";
import { changeSettings } from "./settings.ts";
import type { ImageSettings, StageState } from "./state.ts";
import { workingDirOf } from "./workdir-step.ts";

/** As moby's validCommitCommands. */
const ALLOWED = [
  ...["CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL"],
  ...["USER", "VOLUME", "WORKDIR"],
];

/** The configuration after instructions such as `CMD ["sh"]`; `invalid` for any other. */
export function applyChanges(config: ImageSettings, changes: readonly string[]): ImageSettings {
  return changes.reduce((state, text) => changed(state, text), stateOf(config)).settings;
}

function changed(state: StageState, text: string): StageState {
  const { lines, escapeChar } = readLines(text);
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0 || !ALLOWED.includes(line.keyword)) {
    throw new FairleadError("invalid", `${show(text)} is not a valid change command`, {
      hint: `use ${ALLOWED.join(", ")}`,
    });
  }
  const instruction = readInstruction(line, escapeChar);
  if (line.keyword !== "WORKDIR") return changeSettings(state, instruction, escapeChar);
  const WorkingDir = workingDirOf(instruction, state, escapeChar);
  return { ...state, settings: { ...state.settings, WorkingDir } };
}

function stateOf(settings: ImageSettings): StageState {
  return {
    ...{ imageId: undefined, settings, platform: { os: "linux", architecture: "" } },
    ...{ author: undefined, history: [], args: new Map(), ownCommand: false },
  };
}
