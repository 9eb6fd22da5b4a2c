// One line of shell in a fresh container, and what must come of it; the form of most runtime tests.
import { expect, it } from "vitest";
import type { Bench, Config } from "./bundle.ts";

export interface Case {
  title: string;
  line: string | string[];
  edit?: (config: Config, root: string) => void;
  out?: string | RegExp;
  status?: number;
  err?: RegExp;
}

/** Declares the test of a case: no word on stderr and success, unless the case says otherwise. */
export function check(bench: Bench | undefined, { title, line, edit, out, status, err }: Case) {
  it(title, () => {
    const outcome = bench!.sh(Array.isArray(line) ? line.join("\n") : line, edit);
    if (err) expect(outcome.err).toMatch(err);
    else expect(outcome.err).toBe("");
    if (status !== undefined || !err) expect(outcome.status).toBe(status ?? 0);
    if (typeof out === "string") expect(outcome.out.trim()).toBe(out);
    else if (out) expect(outcome.out).toMatch(out);
  });
}

/** A call of the binary that must fail with these words. */
export function fails(bench: Bench, args: string[], message: RegExp, input = ""): void {
  const outcome = bench.call(args, input);
  expect(outcome.err).toMatch(message);
  // exec passes its program's status on, and fails with one that few programs have.
  expect(outcome.status).toBe(args[0] === "exec" ? 255 : 1);
}
