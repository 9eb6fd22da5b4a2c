// A Dockerfile as stages: what each is built from and what it takes from others, and which of them
// a target needs.
import { FairleadError } from "../../../resources/model/errors.ts";
import { expandWord, type Variables } from "./expand.ts";
import { flagOf, type Instruction, readInstruction } from "./instructions.ts";
import { at, readLines } from "./lines.ts";
import { splitWords } from "./words.ts";

export interface Stage {
  index: number;
  /** In lower case, as names of stages are compared. */
  name: string | undefined;
  /** The name of another stage or of an image, or `scratch`; variables are replaced already. */
  base: string;
  platform: string | undefined;
  from: Instruction;
  instructions: Instruction[];
}

export interface Dockerfile {
  escapeChar: string;
  stages: Stage[];
  /** Arguments that are declared before the first FROM, with their values. */
  globals: Variables;
}

/** Each is done on all that those before it have made. */
const MOST_INSTRUCTIONS = 4_000;
const NAME = /^[a-z][a-z0-9-_.]*$/;

/**
 * Reads a Dockerfile. `given` are the build arguments of the user, `predefined` those that a build
 * has by itself, such as TARGETARCH.
 */
export function readDockerfile(
  source: string,
  given: Variables,
  predefined: Variables,
): Dockerfile {
  const { escapeChar, lines } = readLines(source);
  if (lines.length > MOST_INSTRUCTIONS) {
    throw new FairleadError(
      "invalid",
      `the Dockerfile has more than ${MOST_INSTRUCTIONS} instructions`,
    );
  }
  const instructions = lines.map((line) => readInstruction(line, escapeChar));
  const first = instructions.findIndex(({ keyword }) => keyword === "FROM");
  if (first < 0) throw new FairleadError("invalid", "the Dockerfile has no FROM instruction");
  const globals = new Map(predefined);
  for (const instruction of instructions.slice(0, first)) {
    if (instruction.keyword !== "ARG") {
      throw at(instruction.number, `no build stage in current context: ${instruction.keyword}`);
    }
    for (const [name, value] of argumentsOf(instruction, globals, escapeChar)) {
      const chosen = given.get(name) ?? value;
      if (chosen !== undefined) globals.set(name, chosen);
    }
  }
  const stages: Stage[] = [];
  for (const instruction of instructions.slice(first)) {
    if (instruction.keyword === "FROM")
      stages.push(stageOf(instruction, stages, globals, escapeChar));
    else stages.at(-1)!.instructions.push(instruction);
  }
  return { escapeChar, stages, globals };
}

/** `ARG a b=c`: names, with the defaults that they have. */
export function argumentsOf(
  { text, number }: Instruction,
  variables: Variables,
  escapeChar: string,
): [name: string, value: string | undefined][] {
  return splitWords(text, escapeChar).map((word) => {
    const [, name = "", value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    const plain = expandWord(name, variables, escapeChar);
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(plain)) {
      throw at(number, `${JSON.stringify(plain)} is no name of an argument`);
    }
    return [plain, value === undefined ? undefined : expandWord(value, variables, escapeChar)];
  });
}

function stageOf(
  from: Instruction,
  before: Stage[],
  globals: Variables,
  escapeChar: string,
): Stage {
  const [image = "", as, name, ...more] = splitWords(from.text, escapeChar);
  if (more.length > 0 || (as !== undefined && as.toUpperCase() !== "AS") || (as && !name)) {
    throw at(from.number, "FROM requires either one or three arguments");
  }
  const base = expandWord(image, globals, escapeChar);
  if (base === "") {
    throw at(from.number, `base name (${image}) should not be blank`, "give its ARG a value");
  }
  const stage = name?.toLowerCase();
  if (stage !== undefined && !NAME.test(stage)) {
    throw at(from.number, `invalid name for build stage: ${JSON.stringify(name)}`);
  }
  if (before.some((other) => other.name === stage && stage !== undefined)) {
    throw at(from.number, `duplicate name ${JSON.stringify(name)}`);
  }
  const platform = flagOf(from, "platform");
  return {
    index: before.length,
    name: stage,
    base,
    platform:
      platform === undefined ? undefined : expandWord(platform, globals, escapeChar) || undefined,
    from,
    instructions: [],
  };
}

/** The stage that a name or number means, among those before `index`. */
export function findStage(file: Dockerfile, text: string, index: number): Stage | undefined {
  const before = file.stages.slice(0, index);
  const named = before.findLast(({ name }) => name === text.toLowerCase());
  return named ?? (/^\d+$/.test(text) ? before[Number(text)] : undefined);
}

/** The stage to build; `not_found` names those that there are. */
export function targetStage(file: Dockerfile, target: string | undefined): Stage {
  if (target === undefined || target === "") return file.stages.at(-1)!;
  const found = findStage(file, target, file.stages.length);
  if (found !== undefined) return found;
  const names = file.stages.flatMap(({ name }) => name ?? []).join(", ");
  throw new FairleadError("invalid", `target stage ${JSON.stringify(target)} could not be found`, {
    hint: names === "" ? "no stage of this Dockerfile has a name" : `there are ${names}`,
  });
}
