// COPY and ADD as steps: their arguments read, variables replaced, sources found or fetched.
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { posix } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import { type Copy, digestOfCopy, performCopy } from "./copy.ts";
import { expandText, expandWord } from "./dockerfile/expand.ts";
import { flagOf, type Instruction, isSet } from "./dockerfile/instructions.ts";
import { at } from "./dockerfile/lines.ts";
import { jsonWords, splitWords } from "./dockerfile/words.ts";
import { download, isGit, isUrl } from "./download.ts";
import { latestOf } from "./request.ts";
import { type StageState, variablesOf } from "./state.ts";
import type { Step, Surroundings } from "./step.ts";
import { Tree } from "./tree.ts";
import { inRoot } from "./workspace.ts";

/** COPY and ADD. */
export async function copyStep(
  instruction: Instruction,
  state: StageState,
  around: Surroundings,
): Promise<Step> {
  const { request, parts } = around;
  const copies = await copiesOf(instruction, state, around);
  const identity = copies.map(({ tree: _, sources: __, ...rest }) => rest);
  const digests = await Promise.all(copies.map((copy) => digestOfCopy(copy)));
  return {
    identity: [instruction.keyword, identity, digests, latestOf(request) ?? null],
    createdBy: `${instruction.keyword} ${instruction.text} # buildkit`,
    make: () =>
      inRoot(state, around, async (root) => {
        for (const copy of copies) await performCopy(copy, root, request.signal, parts);
      }),
  };
}

/** One COPY may take from its source, from here-documents, and ADD from the web. */
async function copiesOf(
  instruction: Instruction,
  state: StageState,
  around: Surroundings,
): Promise<Copy[]> {
  const { number, keyword, heredocs } = instruction;
  const { escapeChar } = around;
  const variables = variablesOf(state);
  const expand = (word: string) => expandWord(word, variables, escapeChar);
  const words = jsonWords(instruction.text) ?? splitWords(instruction.text, escapeChar);
  const names = words.filter((word) => !/^\d*<<-?["']?[^<\s]/.test(word)).map(expand);
  const destination = names.pop();
  if (destination === undefined || names.length + heredocs.length === 0) {
    throw at(number, `${keyword} requires at least two arguments`);
  }
  const from = flagOf(instruction, "from");
  const tree = from === undefined ? around.context : (await around.source(from)).tree;
  const common = {
    destination: absolute(destination, state),
    chown: mapped(flagOf(instruction, "chown"), expand),
    chmod: modeOf(mapped(flagOf(instruction, "chmod"), expand), number),
    exclude: (instruction.flags.get("exclude") ?? []).map(expand),
    parents: isSet(instruction, "parents"),
    keepOwner: from !== undefined,
  };
  const unpack = keyword === "ADD" && flagOf(instruction, "unpack") !== "false";
  const remote = keyword === "ADD" ? names.filter((name) => isUrl(name) || isGit(name)) : [];
  const local = names.filter((name) => !remote.includes(name));
  const copies: Copy[] = [];
  if (local.length > 0) copies.push({ ...common, tree, sources: local, unpack });
  const made = await madeFiles(instruction, remote, state, around);
  if (made)
    copies.push({ ...common, ...made, keepOwner: false, unpack: isSet(instruction, "unpack") });
  return copies;
}

/** Downloads and here-documents as files of a folder of the build. */
async function madeFiles(
  instruction: Instruction,
  urls: string[],
  state: StageState,
  { request, scratch, escapeChar }: Surroundings,
): Promise<Pick<Copy, "tree" | "sources"> | undefined> {
  const { heredocs, number } = instruction;
  if (heredocs.length + urls.length === 0) return undefined;
  const git = urls.find(isGit);
  if (git !== undefined) {
    throw new FairleadError("unsupported", `Dockerfile line ${number}: ADD cannot clone ${git}`, {
      hint: "clone it before the build, and COPY it",
    });
  }
  const folder = `${scratch}/${randomBytes(8).toString("hex")}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sources: string[] = [];
  for (const { name, expand, content } of heredocs) {
    const text = expand ? expandText(content, variablesOf(state), escapeChar) : content;
    await writeFile(`${folder}/${posix.basename(name)}`, text, { mode: 0o644 });
    sources.push(posix.basename(name));
  }
  const checksum = flagOf(instruction, "checksum");
  for (const url of urls) sources.push(await download(url, folder, checksum, request.signal));
  return { tree: new Tree(folder), sources };
}

function absolute(destination: string, { settings }: StageState): string {
  const path = posix.resolve(settings.WorkingDir || "/", destination);
  const isFolder = /(^|\/)\.?$/.test(destination);
  return isFolder && path !== "/" ? `${path}/` : path;
}

function mapped<T>(text: string | undefined, map: (text: string) => T): T | undefined {
  return text === undefined ? undefined : map(text);
}

function modeOf(text: string | undefined, number: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8);
  throw at(number, `invalid chmod parameter: ${JSON.stringify(text)}`, "write it in octal: 0755");
}
