// `npm run test:oci`: the public OCI validation suite on fairlead-runtime, crun and runc in one
// run, printed as columns. Fails when a program that can be won here is lost.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { explanation } from "./explained.ts";
import { judge, type Runtime, type Verdict } from "./runner.ts";
import { builtSuite, whyNoSuite } from "./suite.ts";

type Results = Map<string, Map<string, Verdict>>; // program, runtime

const OURS = "fairlead-runtime";
const PARALLEL = 3;

/** Runs the suite; the arguments are names of programs, all without any. */
export async function main(names: string[]): Promise<number> {
  const missing = process.getuid?.() === 0 ? whyNoSuite() : "root is needed";
  if (missing !== "") {
    console.log(`skipped: ${missing}`);
    return 0;
  }
  const suite = await builtSuite();
  const programs = suite.programs.filter((name) => names.length === 0 || names.includes(name));
  const runtimes = installed();
  const results: Results = new Map(programs.map((name) => [name, new Map()]));
  const tasks = programs.flatMap((program) => runtimes.map((runtime) => ({ program, runtime })));
  const work = async ({ program, runtime }: (typeof tasks)[number]) => {
    results.get(program)?.set(runtime.name, await judge(suite, program, runtime));
  };
  // Programs about cgroups share one fixed path and must take turns.
  const serial = tasks.filter(({ program }) => /cgroups|resources/.test(program));
  const free = tasks.filter((task) => !serial.includes(task));
  const lane = async (queue: typeof tasks) => {
    for (let task = queue.shift(); task; task = queue.shift()) await work(task);
  };
  await Promise.all([lane(serial), ...Array.from({ length: PARALLEL }, () => lane(free))]);
  // Many programs wait for fixed times: on a busy machine a loss counts only when it is one alone.
  for (let again = 0; again < 2; again++) {
    const lost = tasks.filter(({ program, runtime: { name } }) => {
      return !explanation(program) && !results.get(program)?.get(name)?.passed;
    });
    for (const task of lost) await work(task);
  }
  return report(results, runtimes, names.length === 0);
}

function installed(): Runtime[] {
  const runtimes: Runtime[] = [
    { name: OURS, path: resolve("agent/native/build/fairlead-runtime") },
  ];
  for (const name of ["crun", "runc"]) {
    try {
      const path = execFileSync("which", [name], { encoding: "utf8" }).trim();
      runtimes.push({ name, path, hideUnified: name === "crun" });
    } catch {
      console.log(`${name} is not installed and has no column`);
    }
  }
  return runtimes;
}

function report(results: Results, runtimes: Runtime[], whole: boolean): number {
  const width = 34;
  const row = (cells: string[]) =>
    console.log(cells.map((cell, at) => cell.padEnd(at === 0 ? width : 18)).join(""));
  row(["program", ...runtimes.map(({ name }) => name)]);
  for (const [program, verdicts] of results) {
    const cells = runtimes.map(({ name }) => shown(verdicts.get(name)));
    row([program, ...cells]);
  }
  row(["programs passed", ...runtimes.map(({ name }) => totals(results, name).programs)]);
  row(["assertions passed", ...runtimes.map(({ name }) => totals(results, name).assertions)]);
  const lost: string[] = [];
  for (const [program, verdicts] of results) {
    const ours = verdicts.get(OURS);
    const why = explanation(program);
    if (ours?.passed && why) console.log(`${program} passes here, though not expected: ${why}`);
    if (!ours || ours.passed) continue;
    console.log(`\n${program}: ${why ?? "NOT EXPLAINED"}`);
    for (const failure of ours.failures.slice(0, 8)) console.log(`    ${failure}`);
    if (!why) lost.push(program);
  }
  if (lost.length > 0) console.log(`\nlost: ${lost.join(", ")}`);
  else if (whole) console.log("\nevery program that can be won here is won");
  return lost.length > 0 ? 1 : 0;
}

const shown = (verdict: Verdict | undefined): string => {
  if (!verdict) return "-";
  const good = verdict.assertions - verdict.failures.length;
  return verdict.passed ? "pass" : `FAIL ${Math.max(good, 0)}/${verdict.assertions}`;
};

function totals(results: Results, runtime: string): { programs: string; assertions: string } {
  const verdicts = [...results.values()].flatMap((all) => all.get(runtime) ?? []);
  const passed = verdicts.filter((verdict) => verdict.passed).length;
  const all = verdicts.reduce((sum, verdict) => sum + verdict.assertions, 0);
  const failed = verdicts.reduce(
    (sum, { failures }) => sum + failures.filter((line) => line.startsWith("not ok")).length,
    0,
  );
  return { programs: `${passed}/${verdicts.length}`, assertions: `${all - failed}/${all}` };
}
