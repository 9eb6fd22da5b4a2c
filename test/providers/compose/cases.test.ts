// Every case resolves to what Compose's own loader made of it (reference/record.mjs records that).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type LoadOptions, loadProject } from "../../../providers/compose/model/load.ts";
import { modelJson, modelYaml } from "../../../providers/compose/model/print.ts";
import { FairleadError } from "../../../resources/model/errors.ts";

const folder = join(import.meta.dirname, "cases");

interface Case {
  args?: string[];
  env?: Record<string, string>;
  /** Where the command runs; default the case's folder. */
  cwd?: string;
  /** Texts that the error must contain. */
  says?: string[];
  /** Why fairlead refuses what Compose accepts. */
  differs?: string;
}

describe("a project resolves as in Docker Compose:", () => {
  for (const name of readdirSync(folder).sort()) it(name, () => check(join(folder, name)));
});

function check(directory: string): void {
  const file = join(directory, "case.json");
  const given: Case = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const load = () => loadProject(options(directory, given));
  const expected = (name: string) => join(directory, `expected.${name}`);
  process.env.HOME = "/home/someone";
  if (existsSync(expected("error")) || given.differs !== undefined) {
    const error = thrown(load);
    expect(error, "an error was expected").toBeInstanceOf(FairleadError);
    for (const text of given.says ?? ["says: is missing in case.json"]) {
      expect(error?.message).toContain(text);
    }
    return;
  }
  const { model } = load();
  const read = (name: string) =>
    readFileSync(expected(name), "utf8")
      .replaceAll("<CASE>", directory)
      .replaceAll("<CASES>", folder);
  expect(parse(modelYaml(model))).toEqual(parse(read("yaml"), { maxAliasCount: -1 }));
  expect(JSON.parse(modelJson(model))).toEqual(JSON.parse(read("json")));
}

function options(directory: string, { args = [], env = {}, cwd = "." }: Case): LoadOptions {
  const values = (flag: string) =>
    args.flatMap((argument, index) => (args[index - 1] === flag ? [argument] : []));
  const [projectName] = values("-p");
  const [projectDirectory] = values("--project-directory");
  return {
    files: values("-f"),
    envFiles: values("--env-file"),
    profiles: values("--profile"),
    ...(projectName === undefined ? {} : { projectName }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    environment: { HOME: "/home/someone", PATH: "/usr/bin:/bin", ...env },
    workingDirectory: join(directory, cwd),
  };
}

function thrown(action: () => unknown): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error;
  }
}
