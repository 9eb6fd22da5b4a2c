// Runs one program of the validation suite on one runtime, in a mount namespace of its own, and
// reads its TAP output.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt } from "../lab/shell.ts";
import type { Suite } from "./suite.ts";

export interface Runtime {
  name: string;
  path: string;
  /** crun refuses a hybrid layout, so that it must not see the version 2 tree. */
  hideUnified?: boolean;
}

export interface Verdict {
  passed: boolean;
  assertions: number;
  failures: string[]; // the assertions that failed, or the end of what was printed
}

const DEADLINE_MS = 180_000;

/** Runs a program and removes whatever it leaves behind. */
export async function judge(suite: Suite, program: string, runtime: Runtime): Promise<Verdict> {
  const place = mkdtempSync(join(tmpdir(), "fairlead-oci-"));
  const root = join(place, "root");
  const wrapper = join(place, runtime.name);
  mkdirSync(join(place, "tmp"));
  writeFileSync(wrapper, `#!/bin/sh\nexec ${runtime.path} --root ${root} "$@"\n`);
  chmodSync(wrapper, 0o755);
  try {
    const output = await inNamespace(suite, program, wrapper, runtime, place);
    await removeLeftovers(runtime, root);
    return verdict(output);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

interface Output {
  code: number;
  text: string;
}

// Some programs start a container without a mount namespace of its own, whose mounts stay.
function inNamespace(
  suite: Suite,
  program: string,
  wrapper: string,
  runtime: Runtime,
  place: string,
): Promise<Output> {
  const hide = runtime.hideUnified ? "umount /sys/fs/cgroup/unified 2>/dev/null;" : "";
  const script = `${hide} exec ${join(suite.folder, "bin", program)}`;
  const child = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", script], {
    cwd: suite.folder,
    env: { ...process.env, RUNTIME: wrapper, TMPDIR: join(place, "tmp") },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: a runtime that signals its caller's group must not end the whole run.
    detached: true,
  });
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => parts.push(part));
  }
  const deadline = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), DEADLINE_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    // Not "close": a container that the program forgot holds the pipes open.
    child.on("exit", (code) => {
      clearTimeout(deadline);
      setImmediate(() => resolve({ code: code ?? -1, text: Buffer.concat(parts).toString() }));
    });
  });
}

async function removeLeftovers(runtime: Runtime, root: string): Promise<void> {
  // In a group of its own, as the programs.
  const asked = (...words: string[]) =>
    attempt("setsid", "--wait", runtime.path, "--root", root, ...words);
  const listed = await asked("list", "-q");
  for (const id of listed.split("\n").filter(Boolean)) await asked("delete", "--force", id);
}

/** A program passes when it exits with 0 and no assertion of it failed. */
export function verdict({ code, text }: Output): Verdict {
  const lines = text.split("\n");
  const failures = lines.filter(
    (line) => /^\s*not ok\b/.test(line) && !/# (skip|t[o]do)/i.test(line),
  );
  const assertions = lines.filter((line) => /^\s*(not )?ok\b/.test(line)).length;
  const passed = code === 0 && failures.length === 0;
  if (!passed && failures.length === 0) failures.push(...lines.filter(Boolean).slice(-2));
  return { passed, assertions, failures: failures.map((line) => line.trim()) };
}
