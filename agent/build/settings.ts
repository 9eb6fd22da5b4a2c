// The instructions that change an image's configuration and no file: ENV, LABEL, CMD and the like.
// Pure.
import { parseDuration } from "../../resources/model/units.ts";
import { expandWord, expandWords } from "./dockerfile/expand.ts";
import { commandOf, flagOf, type Instruction } from "./dockerfile/instructions.ts";
import { at } from "./dockerfile/lines.ts";
import { jsonWords, splitWords } from "./dockerfile/words.ts";
import { type ImageSettings, type StageState, shellOf, variablesOf } from "./state.ts";

type Change = (state: StageState, instruction: Instruction, escapeChar: string) => ImageSettings;

const CHANGES: Record<string, Change> = {
  CMD: (state, { text }) => ({ ...state.settings, Cmd: commandOf(text, shellOf(state)) }),
  ENTRYPOINT: (state, { text }) => {
    const { Cmd, ...rest } = state.settings;
    const kept = state.ownCommand && Cmd ? { Cmd } : {};
    return { ...rest, ...kept, Entrypoint: commandOf(text, shellOf(state)) };
  },
  ENV: (state, instruction, escapeChar) => {
    const { settings } = state;
    const added = pairsOf(state, instruction, escapeChar);
    return { ...settings, Env: withVariables(settings.Env ?? [], added) };
  },
  EXPOSE: (state, { text, number }, escapeChar) => {
    const ports = expandWords(text, variablesOf(state), escapeChar).flatMap((word) =>
      portsOf(word, number),
    );
    return { ...state.settings, ExposedPorts: { ...state.settings.ExposedPorts, ...keys(ports) } };
  },
  HEALTHCHECK: ({ settings, ...state }, instruction) => ({
    ...settings,
    Healthcheck: healthcheckOf(instruction, shellOf({ settings, ...state })),
  }),
  LABEL: (state, instruction, escapeChar) => ({
    ...state.settings,
    Labels: {
      ...state.settings.Labels,
      ...Object.fromEntries(pairsOf(state, instruction, escapeChar)),
    },
  }),
  MAINTAINER: ({ settings }) => settings,
  ONBUILD: ({ settings }, { text, number }) => {
    const [keyword = ""] = text.split(/\s/, 1);
    const upper = keyword.toUpperCase();
    if (["ONBUILD", "FROM", "MAINTAINER"].includes(upper)) {
      throw at(number, `${upper} isn't allowed as an ONBUILD trigger`);
    }
    return { ...settings, OnBuild: [...(settings.OnBuild ?? []), text] };
  },
  SHELL: ({ settings }, { text, number }) => {
    const shell = jsonWords(text);
    if (!shell?.length) throw at(number, "SHELL requires the arguments to be in JSON form");
    return { ...settings, Shell: shell };
  },
  STOPSIGNAL: (state, { text }, escapeChar) => ({
    ...state.settings,
    StopSignal: expandWord(text.trim(), variablesOf(state), escapeChar),
  }),
  USER: (state, { text }, escapeChar) => ({
    ...state.settings,
    User: expandWord(text.trim(), variablesOf(state), escapeChar),
  }),
  VOLUME: (state, { text, number }, escapeChar) => {
    const paths = (jsonWords(text) ?? splitWords(text, escapeChar)).map((path) =>
      expandWord(path, variablesOf(state), escapeChar),
    );
    if (paths.includes("")) throw at(number, "VOLUME specified can not be an empty string");
    return { ...state.settings, Volumes: { ...state.settings.Volumes, ...keys(paths) } };
  },
};

/** Whether an instruction changes the configuration alone. */
export function isSetting(keyword: string): boolean {
  return Object.hasOwn(CHANGES, keyword);
}

/** The state after such an instruction; the history is the caller's. */
export function changeSettings(
  state: StageState,
  instruction: Instruction,
  escapeChar: string,
): StageState {
  const settings = CHANGES[instruction.keyword]!(state, instruction, escapeChar);
  const ownCommand = state.ownCommand || instruction.keyword === "CMD";
  const author = instruction.keyword === "MAINTAINER" ? instruction.text.trim() : state.author;
  return { ...state, settings, ownCommand, author };
}

/** `a=1 b="2 3"`, or the old form `a 1 2`; names and values have their variables replaced. */
function pairsOf(
  state: StageState,
  { text, number, keyword }: Instruction,
  escapeChar: string,
): [string, string][] {
  const variables = variablesOf(state);
  const words = splitWords(text, escapeChar);
  const [first = ""] = words;
  if (!first.includes("=")) {
    const rest = text.slice(first.length).trim();
    if (rest === "") throw at(number, `${keyword} must have two arguments`);
    return [[expandWord(first, variables, escapeChar), expandWord(rest, variables, escapeChar)]];
  }
  return words.map((word) => {
    const cut = word.indexOf("=");
    if (cut < 0) {
      throw at(number, `syntax error, can't find = in ${JSON.stringify(word)}: must be name=value`);
    }
    const name = expandWord(word.slice(0, cut), variables, escapeChar);
    if (name === "") throw at(number, `${keyword} names can not be blank`);
    return [name, expandWord(word.slice(cut + 1), variables, escapeChar)];
  });
}

/** A variable that is there already is changed in its place. */
function withVariables(env: readonly string[], added: readonly [string, string][]): string[] {
  const entries = new Map(env.map((one) => [one.split("=", 1)[0]!, one]));
  for (const [name, value] of added) entries.set(name, `${name}=${value}`);
  return [...entries.values()];
}

function portsOf(word: string, number: number): string[] {
  const [, from = "", to = from, protocol = "tcp"] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word) ?? [];
  const first = Number(from);
  const last = Number(to);
  if (from === "" || last < first || last > 65_535) {
    throw at(number, `invalid containerPort: ${word}`);
  }
  return Array.from(
    { length: last - first + 1 },
    (_, index) => `${first + index}/${protocol.toLowerCase()}`,
  );
}

const NANOSECONDS_PER_MS = 1_000_000;

function healthcheckOf(
  instruction: Instruction,
  shell: string[],
): NonNullable<ImageSettings["Healthcheck"]> {
  const { text, number } = instruction;
  const [, kind = "", command = ""] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  if (kind.toUpperCase() === "NONE") return { Test: ["NONE"] };
  if (kind.toUpperCase() !== "CMD" || command === "") {
    throw at(number, "HEALTHCHECK is NONE, or CMD with a command");
  }
  const words = jsonWords(command);
  const isDefault = shell.join(" ") === "/bin/sh -c";
  const test = words
    ? ["CMD", ...words]
    : isDefault
      ? ["CMD-SHELL", command]
      : ["CMD", ...shell, command];
  const time = (flag: string, key: string) => {
    const value = flagOf(instruction, flag);
    if (value === undefined) return {};
    const ms = parseDuration(value);
    if (ms === undefined) throw at(number, `--${flag}: invalid duration ${JSON.stringify(value)}`);
    return ms === 0 ? {} : { [key]: ms * NANOSECONDS_PER_MS };
  };
  const retries = flagOf(instruction, "retries");
  if (retries !== undefined && !/^\d{1,9}$/.test(retries)) {
    throw at(number, `--retries: not a number: ${JSON.stringify(retries)}`);
  }
  return {
    Test: test,
    ...time("interval", "Interval"),
    ...time("timeout", "Timeout"),
    ...time("start-period", "StartPeriod"),
    ...time("start-interval", "StartInterval"),
    ...(Number(retries ?? 0) > 0 ? { Retries: Number(retries) } : {}),
  };
}

function keys(names: string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}
