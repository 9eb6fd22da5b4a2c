// Contexts that are git repositories, from a server of the test's own.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clonedFolder } from "../../../../providers/engine/image-build/git-context.ts";
import { isRepository } from "../../../../resources/kinds/image/build.ts";
import { eventually } from "../../../lab/shell.ts";

describe("a git context", () => {
  let folder: string;
  let url: string;
  let stop: () => void;
  const git = (...args: string[]) => {
    const own = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    return execFileSync("git", ["-C", join(folder, "app.git"), ...own, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "git-context-"));
    mkdirSync(join(folder, "app.git/sub"), { recursive: true });
    git("init", "-q", "-b", "main");
    const commit = (text: string) => {
      writeFileSync(join(folder, "app.git/sub/f"), text);
      git("add", ".");
      git("commit", "-q", "-m", text);
    };
    symlinkSync("/etc", join(folder, "app.git/out"));
    commit("one");
    git("tag", "v1");
    commit("two");
    git("config", "uploadpack.allowAnySHA1InWant", "true");
    const port = await freePort();
    const options = [`--base-path=${folder}`, "--export-all", "--listen=127.0.0.1"];
    const daemon = spawn("/usr/lib/git-core/git-daemon", [...options, `--port=${port}`, folder]);
    stop = () => daemon.kill();
    url = `git://127.0.0.1:${port}/app.git`;
    await eventually("the server answers", 10_000, async () => {
      try {
        execFileSync("git", ["ls-remote", url], { stdio: "ignore" });
        return true;
      } catch {
        return false;
      }
    });
  });
  afterAll(() => {
    stop?.();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is cloned at a branch, a tag or a commit, without its history", async () => {
    const first = git("rev-parse", "v1");
    for (const [ref, text] of Object.entries({ "": "two", "#main": "two", "#v1": "one" })) {
      expect(readFileSync(join(await clonedFolder(url + ref), "sub/f"), "utf8")).toBe(text);
    }
    const at = await clonedFolder(`${url}#${first}:sub`);
    expect(readFileSync(join(at, "f"), "utf8")).toBe("one");
    expect(() => readFileSync(join(at, "../.git/HEAD"))).toThrow();
    expect(await clonedFolder(`${url}#v1`)).toBe(await clonedFolder(`${url}#v1`));
  });

  const refused: [what: string, rest: string, says: RegExp][] = [
    ["a branch that is not there", "#none", /cannot be cloned: .*none/],
    ["a folder that is not there", "#main:none", /there is no folder none in it/],
    ["a folder outside of it", "#main:../..", /there is no folder/],
    ["a link that leads out of it", "#main:out", /there is no folder out in it/],
    ["an option in place of a reference", "#--upload-pack=touch", /is no reference/],
  ];
  for (const [what, rest, says] of refused) {
    it(`is refused with ${what}`, async () => {
      await expect(clonedFolder(url + rest)).rejects.toThrow(says);
    });
  }

  it("shows no password of its address", async () => {
    const secret = "https://me:hunter2@127.0.0.1:1/a.git";
    await expect(clonedFolder(secret)).rejects.toThrow(/^(?!.*me:hunter2@).*cannot be cloned/s);
  });

  it("says that git is not installed, where it is not", async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      await expect(clonedFolder(`${url}#other`)).rejects.toThrow("git is not installed here");
    } finally {
      process.env.PATH = path;
    }
  });

  it.each([
    ["https://example.com/a.git", true],
    ["https://example.com/a.git#v1:sub", true],
    ["git@example.com:a/b", true],
    ["ssh://git@example.com/a", true],
    ["github.com/a/b", true],
    ["https://example.com/a.tar.gz", false],
    ["./a.git", false],
    ["/a@b:c", false],
  ])("%s is one: %s", (context, is) => expect(isRepository(context)).toBe(is));
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
