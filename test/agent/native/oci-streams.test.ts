// Descriptors 0 to 2 of a process: whose they are, and what stays as it was.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, missing } from "./bundle.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

/** Calls the binary between two pipes of a shell, as node's own are sockets. */
function piped(...args: string[]): string {
  const words = ["sh", "-c", 'echo in | "$@" 2>&1 | cat', "sh", binary];
  const [program = "", ...rest] = [...words, "--root", join(bench!.folder, "run"), ...args];
  return spawnSync(program, rest, { encoding: "utf8", timeout: 20_000 }).stdout;
}

const LINE = "cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr";
const READ = "in\nout\nerr\n";

describe.skipIf(missing)(`standard streams (skipped: ${missing ?? "no"})`, () => {
  for (const [uid, gid] of [
    [1000, 1000],
    [77, 0],
    [0, 0],
  ])
    it(`can be opened by name by ${uid}:${gid}, in run and exec`, () => {
      const { id, folder } = bench!.bundle((config) => {
        config.process.user = { uid, gid };
        config.process.args = ["sh", "-c", LINE];
      });
      expect(piped("run", "--bundle", folder, id)).toBe(READ);
      const other = bench!.sleeper();
      expect(piped("exec", "--user", `${uid}:${gid}`, other, "sh", "-c", LINE)).toBe(READ);
      bench!.call(["delete", "--force", other]);
    });

  it("of a user namespace are those of its user where they are its own", () => {
    const maps = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const { id, folder } = bench!.bundle((config) => {
      config.root.path = "/";
      config.linux.namespaces.push({ type: "user" });
      config.linux.uidMappings = config.linux.gidMappings = maps;
      config.process.user = { uid: 5, gid: 5 };
      config.process.args = ["/bin/busybox", "sh", "-c", "echo out > /dev/stdout"];
    });
    const words = ["--root", join(bench!.folder, "run"), "run", "--bundle", folder, id];
    // As who calls for a user namespace does: its root gets the pipes.
    const line = 'chown 100000:100000 /proc/self/fd/1; exec "$@"';
    const inner = ["sh", "-c", `sh -c '${line}' sh "$@" | cat`, "sh", binary, ...words];
    const [program = "", ...rest] = inner;
    const done = spawnSync(program, rest, { encoding: "utf8", timeout: 20_000 });
    expect(done.stderr).toBe("");
    expect(done.stdout).toBe("out\n");
  });

  it("of a terminal lose nothing, get no carriage returns, and input holds up no output", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.terminal = true;
      const line = "stty -echo; seq 1 50000; head -n 20000 > /dev/null; seq 1 50000";
      config.process.args = ["sh", "-c", line];
    });
    const numbers = Array.from({ length: 50_000 }, (_, at) => `${at + 1}\n`).join("");
    const [program = "", ...rest] = ["sh", "-c", 'yes | head -n 20000 | "$@" 2>&1 | cat', "sh"];
    const words = [binary, "--root", join(bench!.folder, "run"), "run", "--bundle", folder, id];
    const done = spawnSync(program, [...rest, ...words], {
      encoding: "utf8",
      timeout: 20_000,
      maxBuffer: 64 << 20,
    });
    // What was typed before the echo was off is shown; the terminal's buffer of 4095 bytes may
    // end between a letter and its newline.
    expect(done.stdout.replace(/^(y\n)*y?/, "")).toBe(numbers + numbers);
  });

  it("change their owner where they are a file, and never where they are a device", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.args = ["sh", "-c", "echo out > /dev/stdout"];
    });
    const path = join(folder, "out");
    writeFileSync(path, "");
    const before = statSync("/dev/null").uid;
    const out = openSync(path, "a");
    const words = ["--root", join(bench!.folder, "run"), "run", "--bundle", folder, id];
    const done = spawnSync(binary, words, { stdio: ["ignore", out, "inherit"], timeout: 20_000 });
    closeSync(out);
    expect(done.status).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("out\n");
    expect(statSync(path).uid).toBe(1000);
    expect(statSync("/dev/null").uid).toBe(before);
  });
});
