// Runs moby's integration tests one by one against our agent, and tells which of those that are
// lost nobody has explained.
import { spawnSync } from "node:child_process";
import { agentMissing, type Engine, startAgent } from "../conformance/engines.ts";
import { explained } from "./explained.ts";
import { loadTestImages } from "./images.ts";
import { buildTests, type TestProgram } from "./module.ts";

type Outcome = "passed" | "failed" | "skipped";

const LIMIT_S = 40;

/** All tests, or those that are named; the exit code of the command. */
export async function main(wanted: string[]): Promise<number> {
  const missing = agentMissing();
  if (missing !== undefined) {
    console.error(missing);
    return 2;
  }
  const program = buildTests("container");
  const engine = await startAgent();
  try {
    await loadTestImages(engine);
    const names = wanted.length > 0 ? wanted : namesOf(program, engine);
    return report(names, program, engine, wanted.length > 0);
  } finally {
    await engine.stop();
  }
}

/** With `told` also what lost tests said. */
function report(names: string[], program: TestProgram, engine: Engine, told: boolean): number {
  const counts: Record<Outcome, number> = { passed: 0, failed: 0, skipped: 0 };
  const wrong: string[] = [];
  for (const name of names) {
    const { outcome, out } = play(name, program, engine);
    counts[outcome] += 1;
    const why = explained[name];
    if (outcome === "failed" && why === undefined) wrong.push(name);
    const note = outcome === "failed" && why !== undefined ? `  (${why})` : "";
    console.log(`${outcome.padEnd(8)} ${name}${note}`);
    if (told && outcome === "failed") console.log(out.replace(/^/gm, "    "));
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (wrong.length > 0) console.log(`without an explanation: ${wrong.join(", ")}`);
  return wrong.length > 0 ? 1 : 0;
}

function namesOf(program: TestProgram, engine: Engine): string[] {
  return run(program, engine, "-test.list", ".")
    .split("\n")
    .filter((line) => /^Test/.test(line));
}

interface Played {
  outcome: Outcome;
  out: string;
}

function play(name: string, program: TestProgram, engine: Engine): Played {
  const time = `${LIMIT_S - 5}s`;
  const out = run(program, engine, "-test.v", "-test.timeout", time, "-test.run", `^${name}$`);
  if (out.includes(`--- SKIP: ${name} `)) return { outcome: "skipped", out };
  const passed = out.includes(`--- PASS: ${name} `) && !out.includes("\nFAIL");
  return { outcome: passed ? "passed" : "failed", out };
}

function run({ path, folder }: TestProgram, engine: Engine, ...argv: string[]): string {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const { stdout } = spawnSync(path, argv, {
    cwd: folder,
    env,
    encoding: "utf8",
    timeout: LIMIT_S * 1000,
  });
  return stdout ?? "";
}
