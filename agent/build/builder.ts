// Builds an image from a Dockerfile: the stages that its target needs, independent ones at once,
// and the image that the last one makes.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import { commitImage, layersOf } from "../images/commit.ts";
import { MANIFEST_BYTES } from "../images/manifest.ts";
import { hostPlatform, type Platform, parsePlatform } from "../images/platform.ts";
import { Bases, stateOf } from "./bases.ts";
import { copyStep } from "./copy-step.ts";
import type { Variables } from "./dockerfile/expand.ts";
import { flagOf, type Instruction, readInstruction } from "./dockerfile/instructions.ts";
import { readLines } from "./dockerfile/lines.ts";
import {
  argumentsOf,
  type Dockerfile,
  findStage,
  readDockerfile,
  type Stage,
  targetStage,
} from "./dockerfile/stages.ts";
import type { BuildParts } from "./parts.ts";
import { afterStep, nowOf } from "./perform.ts";
import type { BuildRequest } from "./request.ts";
import { runStep } from "./run-step.ts";
import { changeSettings, isSetting } from "./settings.ts";
import { DEFAULT_PATH, type StageState, variablesOf, withHistory } from "./state.ts";
import type { Step, Surroundings } from "./step.ts";
import { Tree } from "./tree.ts";
import { workdirStep, workingDirOf } from "./workdir-step.ts";

const STEPS: Record<
  string,
  (instruction: Instruction, state: StageState, around: Surroundings) => Promise<Step>
> = { RUN: runStep, COPY: copyStep, ADD: copyStep, WORKDIR: workdirStep };

/** Instructions that only change the configuration take no turn of the event loop by themselves. */
const AT_ONCE = 20;
/** Of a step's text, for people; an instruction may be a program. */
const LONGEST_SHOWN = 200;

/** A folder of the build without anything in it. */
const NO_CONTEXT = "nothing";

/** Builds; returns the id of the image, which has the names of the request. */
export async function build(request: BuildRequest, parts: BuildParts): Promise<string> {
  const scratch = `${parts.directory}/scratch-${randomBytes(8).toString("hex")}`;
  const bases = new Bases(request, parts);
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  try {
    if (request.context === undefined) await mkdir(`${scratch}/${NO_CONTEXT}`, { recursive: true });
    const file = readDockerfile(request.dockerfile, request.args, platformArguments(request));
    const work = new Build(file, { ...request, signal }, parts, bases, scratch);
    const state = await work.stage(targetStage(file, request.target));
    return await finish(state, request, parts);
  } finally {
    stop.abort();
    await bases.close();
    await rm(scratch, { recursive: true, force: true });
    await parts.cache.prune(false);
  }
}

class Build {
  readonly #file: Dockerfile;
  readonly #request: BuildRequest;
  readonly #bases: Bases;
  readonly #around: Surroundings;
  readonly #stages = new Map<number, Promise<StageState>>();
  /** Errors whose step was told. */
  readonly #failures = new WeakSet<object>();

  constructor(
    file: Dockerfile,
    request: BuildRequest,
    parts: BuildParts,
    bases: Bases,
    scratch: string,
  ) {
    this.#file = file;
    this.#request = request;
    this.#bases = bases;
    this.#around = {
      ...{ request, parts, scratch, escapeChar: file.escapeChar },
      context: new Tree(request.context ?? `${scratch}/${NO_CONTEXT}`),
      source: (name) => this.#source(name, file.stages.length),
    };
  }

  /** What a stage becomes; each is built once, and those that it needs begin at once. */
  stage(stage: Stage): Promise<StageState> {
    const known = this.#stages.get(stage.index);
    if (known !== undefined) return known;
    for (const name of sourcesOf(stage)) {
      const other = findStage(this.#file, name, stage.index);
      // Its failure is met where it is waited for.
      if (other !== undefined) this.stage(other).catch(() => undefined);
    }
    const built = this.#build(stage);
    this.#stages.set(stage.index, built);
    return built;
  }

  async #build(stage: Stage): Promise<StageState> {
    const { tell, signal } = this.#request;
    const begun = await this.#begin(stage);
    const instructions = [...begun.triggers, ...stage.instructions];
    let state: StageState = { ...begun.state, args: new Map() };
    const nameOf = stepNames(stage, instructions, this.#file.stages.length);
    tell({ step: nameOf(stage.from), state: "started" });
    for (const [index, instruction] of instructions.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) {
        // Others are answered in between, and whoever asked for the build may have left.
        await nextTurn();
        refuseLarge(state);
      }
      signal.throwIfAborted();
      const step = nameOf(instruction);
      const around = {
        ...this.#around,
        source: (name: string) => this.#source(name, stage.index),
        request: { ...this.#request, step },
      };
      const isCounted = instruction.keyword in STEPS;
      if (isCounted) tell({ step, state: "started" });
      state = await this.#after(state, instruction, around).catch((error: unknown) => {
        // Stages that wait for the one that failed fail with the same error.
        if (!this.#failures.has(error as object)) tell({ step, state: "failed" });
        const found = located(error, instruction) as object;
        this.#failures.add(found);
        throw found;
      });
      if (isCounted) tell({ step, state: "done" });
    }
    refuseLarge(state);
    return state;
  }

  async #after(
    state: StageState,
    instruction: Instruction,
    around: Surroundings,
  ): Promise<StageState> {
    const { keyword, text } = instruction;
    const { escapeChar } = this.#file;
    if (keyword === "ARG") return this.#declare(state, instruction);
    const read = STEPS[keyword];
    if (read === undefined) {
      if (!isSetting(keyword)) throw new FairleadError("invalid", `${keyword} cannot stand here`);
      const changed = changeSettings(state, instruction, escapeChar);
      return withHistory(changed, `${keyword} ${text}`, this.#dateOf(state), true);
    }
    const step = await read(instruction, state, around);
    const after = await afterStep(state, step, around.request, around.parts);
    if (keyword !== "WORKDIR") return after;
    const WorkingDir = workingDirOf(instruction, state, escapeChar);
    return { ...after, settings: { ...after.settings, WorkingDir } };
  }

  /** As old as what it stands on: an image that is built again of the same is the same image. */
  #dateOf({ history }: StageState): string {
    return history.at(-1)?.created ?? nowOf(this.#request);
  }

  #declare(state: StageState, instruction: Instruction): StageState {
    const args = new Map(state.args);
    const { args: given } = this.#request;
    const declared = argumentsOf(instruction, variablesOf(state), this.#file.escapeChar);
    for (const [name, value] of declared) {
      const chosen = given.get(name) ?? value ?? this.#file.globals.get(name);
      if (chosen !== undefined) args.set(name, chosen);
    }
    const shown = `ARG ${instruction.text}`;
    return withHistory({ ...state, args }, shown, this.#dateOf(state), true);
  }

  async #begin(stage: Stage): Promise<{ state: StageState; triggers: Instruction[] }> {
    const { base, index } = stage;
    const platform = stage.platform ?? this.#request.platform;
    if (base === "scratch") return { state: empty(platform), triggers: [] };
    const before = findStage(this.#file, base, index);
    if (before !== undefined && before.name === base.toLowerCase()) {
      return { state: { ...(await this.stage(before)), ownCommand: false }, triggers: [] };
    }
    const named = this.#request.contexts.get(base);
    const name = named?.replace(/^docker-image:\/\//, "") ?? base;
    const found = await this.#bases.image(name, stage.platform);
    const triggers = ((found.document.config as StageState["settings"]).OnBuild ?? []).map(
      (text) => {
        const { lines } = readLines(text);
        return readInstruction(lines[0]!, this.#file.escapeChar);
      },
    );
    return { state: stateOf(found), triggers };
  }

  async #source(
    name: string,
    before: number,
  ): Promise<{ tree: Tree; identity: string | undefined }> {
    const stage = findStage(this.#file, name, before);
    if (stage !== undefined) {
      const { imageId } = await this.stage(stage);
      return { tree: await this.#bases.tree(imageId), identity: imageId ?? "scratch" };
    }
    const named = this.#request.contexts.get(name);
    if (named?.startsWith("/")) return { tree: new Tree(named), identity: undefined };
    const image = named?.replace(/^docker-image:\/\//, "") ?? name;
    const { imageId } = await this.#bases.image(image, undefined);
    return { tree: await this.#bases.tree(imageId), identity: imageId };
  }
}

/** `[web 2/5] RUN npm ci`: FROM and what makes layers are counted, as BuildKit does. */
function stepNames(
  { name, index, from }: Stage,
  instructions: readonly Instruction[],
  stages: number,
): (instruction: Instruction) => string {
  const counted = [from, ...instructions.filter(({ keyword }) => keyword in STEPS)];
  const stage = name ?? (stages === 1 ? "" : `stage-${index}`);
  return (instruction) => {
    const at = counted.indexOf(instruction);
    const place = at < 0 ? "" : `${at + 1}/${counted.length}`;
    const where = [stage, place].filter(Boolean).join(" ");
    const shown = instruction.shown.slice(0, 4 * LONGEST_SHOWN).replace(/\s+/g, " ");
    const cut = shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
    return where === "" ? cut : `[${where}] ${cut}`;
  };
}

/** A configuration that nobody could read back is no image; variables may double with each line. */
function refuseLarge({ settings, history, args }: StageState): void {
  if (JSON.stringify([settings, history, [...args]]).length < MANIFEST_BYTES) return;
  throw new FairleadError("invalid", "the image's configuration becomes larger than 4 MiB", {
    hint: "its variables, arguments, labels and history are counted",
  });
}

/** What a stage copies or mounts from. */
function sourcesOf({ base, instructions }: Stage): string[] {
  const mounted = (text: string) => /(?:^|,)from=([^,]+)/.exec(text)?.[1];
  return [
    base,
    ...instructions.flatMap((instruction) => [
      ...[flagOf(instruction, "from")].filter((name) => name !== undefined),
      ...(instruction.flags.get("mount") ?? []).flatMap((text) => mounted(text) ?? []),
    ]),
  ];
}

function empty(platform: string | undefined): StageState {
  const { os, architecture, variant } = platform ? parsePlatform(platform) : hostPlatform();
  return {
    imageId: undefined,
    settings: { Env: [`PATH=${DEFAULT_PATH}`], WorkingDir: "/" },
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    author: undefined,
    history: [],
    args: new Map(),
    ownCommand: false,
  };
}

function platformArguments({ platform }: BuildRequest): Variables {
  const host = hostPlatform();
  const target = platform === undefined ? host : parsePlatform(platform);
  const all = (prefix: string, one: Platform) =>
    Object.entries({
      [`${prefix}PLATFORM`]: [one.os, one.architecture, one.variant].filter(Boolean).join("/"),
      [`${prefix}OS`]: one.os,
      [`${prefix}ARCH`]: one.architecture,
      [`${prefix}VARIANT`]: one.variant ?? "",
    });
  return new Map([...all("BUILD", host), ...all("TARGET", target)]);
}

/** An error that names no line yet gets the one of its instruction. */
function located(error: unknown, { number, shown }: Instruction): unknown {
  if (!(error instanceof FairleadError) || error.message.startsWith("Dockerfile line"))
    return error;
  const message = `Dockerfile line ${number}: ${error.message}`;
  return new FairleadError(error.code, message, {
    path: shown.slice(0, 200),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

/** The image of the target, with the names and labels that the request gives it. */
async function finish(
  state: StageState,
  request: BuildRequest,
  { content, images }: BuildParts,
): Promise<string> {
  const { imageId, settings, platform, author, history } = state;
  const record = imageId === undefined ? undefined : content.catalog.get(imageId);
  const layers = record === undefined ? [] : await layersOf(content, record);
  const labels = { ...settings.Labels, ...request.labels };
  const config = Object.keys(labels).length > 0 ? { ...settings, Labels: labels } : settings;
  const created = history.at(-1)?.created ?? nowOf(request);
  const base = {
    created,
    ...(author === undefined ? {} : { author }),
    ...platform,
    config,
    history,
  };
  const id = await commitImage(content, base, layers, request.signal);
  for (const tag of request.tags) await images.tag(id, tag);
  return id;
}
