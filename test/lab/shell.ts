// Runs programs of the test machine for the lab; never used by the product.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program and gives its standard output; throws with its standard error when it fails. */
export async function run(program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { maxBuffer: 64 << 20, timeout: 300_000 });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${program} ${args.join(" ")}: ${stderr?.trim() || message}`);
  }
}

/** The same, for clean-up: what is already gone is fine. */
export async function attempt(program: string, ...args: string[]): Promise<string> {
  return run(program, ...args).catch(() => "");
}

/** Asks again until the answer is true; throws with `what` after the deadline. */
export async function eventually(
  what: string,
  deadlineMs: number,
  ask: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${deadlineMs} ms: ${what}`);
}
