// How the agent of an ordinary user comes into its own user and mount namespace: it lets the static
// binary make or join them, and runs again inside, with the same process id.
import type { AgentOptions } from "./options.ts";

/** Never returns for a user who is not root; returns at once for root, also of the namespace. */
export function enterNamespaces(options: AgentOptions): void {
  if (process.geteuid?.() === 0) return;
  const [node = process.execPath, script = "", ...args] = process.argv;
  const program = `${options.native}/fairlead-runtime`;
  const enter = ["rootless", "enter", "--run", options.run];
  const argv = [program, ...enter, "--", node, ...process.execArgv, script, ...args];
  process.execve?.(program, argv, process.env);
  throw new Error("only root can run the agent on this version of Node; the bundle's can");
}
