// Dockerfile instructions that change an image's configuration, as in `import --change`.
import { FairleadError } from "../../resources/model/errors.ts";
import { show } from "./digest.ts";
import type { ImageConfig } from "./image-config.ts";

type Config = NonNullable<ImageConfig["config"]>;
type Change = (config: Config, text: string) => Config;

const CHANGES: Record<string, Change> = {
  CMD: (config, text) => ({ ...config, Cmd: command(text) }),
  ENTRYPOINT: (config, text) => ({ ...config, Entrypoint: command(text) }),
  ENV: (config, text) => {
    const added = pairs(text).map(([key, value]) => `${key}=${value}`);
    const keys = new Set(added.map(keyOf));
    return { ...config, Env: [...(config.Env ?? []).filter((e) => !keys.has(keyOf(e))), ...added] };
  },
  EXPOSE: (config, text) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...keys(words(text).map(portOf)) },
  }),
  LABEL: (config, text) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairs(text)) },
  }),
  STOPSIGNAL: (config, text) => ({ ...config, StopSignal: text }),
  USER: (config, text) => ({ ...config, User: text }),
  VOLUME: (config, text) => ({
    ...config,
    Volumes: { ...config.Volumes, ...keys(jsonList(text) ?? words(text)) },
  }),
  WORKDIR: (config, text) => ({
    ...config,
    WorkingDir: text.startsWith("/") ? text : `${config.WorkingDir ?? ""}/${text}`,
  }),
};

/** Applies instructions such as `CMD ["sh"]` or `ENV A=1`; `invalid` for any other. */
export function applyChanges(config: Config, changes: readonly string[]): Config {
  return changes.reduce((changed, line) => {
    const [, name = "", text = ""] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(line) ?? [];
    const change = CHANGES[name.toUpperCase()];
    if (change === undefined || text === "") {
      throw new FairleadError("invalid", `${show(line)} is not a valid change command`, {
        hint: `use ${Object.keys(CHANGES).join(", ")}`,
      });
    }
    return change(changed, text);
  }, config);
}

function command(text: string): string[] {
  return jsonList(text) ?? ["/bin/sh", "-c", text];
}

function jsonList(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((part) => typeof part === "string")) return value;
  } catch {
    // Docker takes what is no JSON as a shell command.
  }
  return undefined;
}

/** Words separated by blanks, with quotes and backslashes as in a Dockerfile. */
function words(text: string): string[] {
  const found = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return found.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
      double === undefined ? (single ?? escaped) : double.replace(/\\(.)/g, "$1"),
    ),
  );
}

/** `a=1 b="2 3"`, or the old form `a 1 2`. */
function pairs(text: string): [string, string][] {
  const first = /^[^\s=]+/.exec(text)?.[0] ?? "";
  if (text[first.length] !== "=") return [[first, text.slice(first.length).trim()]];
  return words(text).map((word) => {
    const at = word.indexOf("=");
    if (at <= 0) throw new FairleadError("invalid", `${show(word)} is not KEY=VALUE`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

function portOf(text: string): string {
  if (!/^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/.test(text)) {
    throw new FairleadError("invalid", `${show(text)} is not a port`);
  }
  return text.includes("/") ? text : `${text}/tcp`;
}

function keys(names: string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function keyOf(entry: string): string {
  return entry.split("=", 1)[0] ?? "";
}
