// Asks a yes-or-no question on the terminal.
import { createInterface } from "node:readline/promises";
import type { Screen } from "./screen.ts";

/** True for yes. Without a terminal there is nobody to ask, and the answer is yes. */
export async function confirmed(
  screen: Screen,
  question: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (screen.json || process.stdin.isTTY !== true || screen.stderr.isTTY !== true) return true;
  const terminal = createInterface({ input: process.stdin, output: screen.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
