// The seam of engines: who is above it asks verbs and capabilities, and knows neither a path of an
// engine's API nor which engine it has. So one more engine is a folder and a line.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ENGINE_NAMES } from "../../resources/kinds/host/host.ts";

const API = "providers/engine/docker-api/";
const ENGINES = "providers/engine/engines/";
const NOUNS =
  "_ping|auth|build|commit|configs|containers|distribution|events|exec|fairlead|grpc|images|info|" +
  "networks|nodes|plugins|secrets|services|session|swarm|system|tasks|version|volumes";
/** A path of Docker's API, or of ours beside it, at the start of a text. */
const API_PATH = new RegExp(`["'\`](/v1\\.\\d+)?/(${NOUNS})(/|["'\`?])`);
const NAME = `["'\`](${ENGINE_NAMES.join("|")})["'\`]`;
const COMPARED = new RegExp(`([=!]==? *|case *|includes\\()${NAME}|${NAME} *[=!]==?`);

/** Where such words stand for something else, and what. */
const OTHER_PATHS: Record<string, string> = {
  "providers/engine/bootstrap/install.ts": "a program on the host waits for the agent",
  "providers/engine/bootstrap/uninstall.ts": "the agent's folder of containers",
  "providers/engine/bootstrap/uninstall-user.ts": "the agent's folder of containers",
};
const OTHER_NAMES: Record<string, string> = {
  "providers/engine/bootstrap/layout.ts": "an agent's instance",
};

const sources = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "providers"],
  { encoding: "utf8" },
)
  .concat(execFileSync("git", ["ls-files", "--deduplicate", "resources"], { encoding: "utf8" }))
  .split("\n")
  .filter((file) => file.endsWith(".ts"));

/** Lines that have it, outside of comments; `but` says where it may stand. */
function linesWith(pattern: RegExp, but: (file: string) => boolean): string[] {
  return sources
    .filter((file) => !but(file))
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line, at) => {
          const isComment = /^\s*(\/\/|\*|\/\*)/.test(line);
          return !isComment && pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [];
        }),
    );
}

test("paths of an engine's API stand in its folder alone", () => {
  const found = linesWith(API_PATH, (file) => file.startsWith(API) || file in OTHER_PATHS);
  expect(found).toEqual([]);
});

test("engines are compared by name where they are opened alone", () => {
  const found = linesWith(COMPARED, (file) => file.startsWith(ENGINES) || file in OTHER_NAMES);
  expect(found).toEqual([]);
});

test("what is excused from it has such a line", () => {
  const at = (pattern: RegExp, place: string) => linesWith(pattern, (file) => file !== place);
  const idle = [
    ...Object.keys(OTHER_PATHS).filter((file) => at(API_PATH, file).length === 0),
    ...Object.keys(OTHER_NAMES).filter((file) => at(COMPARED, file).length === 0),
  ];
  expect(idle).toEqual([]);
});

test("each engine has a folder, and nothing outside of the registry reaches into one", () => {
  const folders = readdirSync(ENGINES, { withFileTypes: true }).filter((one) => one.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...ENGINE_NAMES].sort());
  const inside = new RegExp(`from "[^"]*engines/(${ENGINE_NAMES.join("|")})/`);
  const own = new RegExp(`from "\\./(${ENGINE_NAMES.join("|")})/`);
  const reaches = [
    ...linesWith(inside, () => false),
    ...linesWith(own, (file) => !file.startsWith(ENGINES) || file === `${ENGINES}registry.ts`),
  ];
  expect(reaches).toEqual([]);
});
