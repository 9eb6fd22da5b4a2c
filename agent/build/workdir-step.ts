// WORKDIR as a step: the folder is made when it is not there.
import { posix } from "node:path";
import { resolveUser } from "../objects/container/create/user.ts";
import { makeFolders } from "./copy.ts";
import { expandWord } from "./dockerfile/expand.ts";
import type { Instruction } from "./dockerfile/instructions.ts";
import { type StageState, variablesOf } from "./state.ts";
import type { Step, Surroundings } from "./step.ts";
import { inRoot } from "./workspace.ts";

export async function workdirStep(
  instruction: Instruction,
  state: StageState,
  around: Surroundings,
): Promise<Step> {
  const path = workingDirOf(instruction, state, around.escapeChar);
  const user = state.settings.User ?? "";
  return {
    identity: ["WORKDIR", path, user],
    createdBy: `WORKDIR ${path}`,
    make: () =>
      inRoot(state, around, async (root) => {
        const owner = user === "" ? { uid: 0, gid: 0 } : resolveUser(root, user);
        await makeFolders(root, path, owner, around);
      }),
  };
}

/** Relative to the one before. */
export function workingDirOf(
  instruction: Instruction,
  state: StageState,
  escapeChar: string,
): string {
  const text = expandWord(instruction.text.trim(), variablesOf(state), escapeChar);
  return posix.resolve(state.settings.WorkingDir || "/", text);
}
