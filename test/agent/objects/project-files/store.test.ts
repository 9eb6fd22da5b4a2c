// A project's files on a host: what is delivered arrives, and nothing leads out of their folder.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProjectFiles } from "../../../../agent/objects/project-files/store.ts";
import { RecordStore } from "../../../../agent/state/record-store.ts";

let folder: string;
let files: ProjectFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "project-files-"));
  files = new ProjectFiles(join(folder, "projects"), new RecordStore(() => {}));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hex = (text: string) => createHash("sha256").update(text).digest("hex");
const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const file = (path: string, text: string, more: object = {}) => ({
  ...{ type: "file", path, keep: false, mode: 0o644, ...own },
  ...{ size: text.length, digest: `sha256:${hex(text)}`, ...more },
});
const directory = (path: string, more: object = {}) => ({
  ...{ type: "folder", path, keep: false, mode: 0o755, ...own, ...more },
});
const link = (path: string, target: string) => ({ type: "link", path, keep: false, target });

function tar(parts: [name: string, text: string, type?: "symlink"][]): Readable {
  const made = pack();
  for (const [name, text, type] of parts) {
    if (type === "symlink") made.entry({ name, type, linkname: text });
    else made.entry({ name }, text);
  }
  made.finalize();
  return Readable.from(made as unknown as AsyncIterable<Buffer>);
}

function deliver(entries: object[], texts: string[] = [], project = "app") {
  const manifest = JSON.stringify({ digest: `sha256:${hex(JSON.stringify(entries))}`, entries });
  const parts = texts.map((text) => [hex(text), text] as [string, string]);
  const body = tar([["manifest.json", manifest], ...parts]);
  return files.deliver(project, body, new AbortController().signal);
}

const at = (path: string) => join(files.tree("app"), path);

describe("a delivery", () => {
  it("makes files, folders and links with their modes, and sends no content twice", async () => {
    const entries = [
      directory("here/empty", { mode: 0o700 }),
      file("here/a/run.sh", "run", { mode: 0o750 }),
      file("here/none", ""),
      link("here/link", "a/run.sh"),
    ];
    await deliver(entries, ["run", ""]);
    expect(statSync(at("here/a/run.sh")).mode & 0o7777).toBe(0o750);
    expect(statSync(at("here/empty")).mode & 0o7777).toBe(0o700);
    expect([readlinkSync(at("here/link")), readFileSync(at("here/none"), "utf8")]).toEqual([
      "a/run.sh",
      "",
    ]);
    expect((await files.summary("app"))?.clean).toBe(true);
    await deliver([file("here/copy", "run"), file("here/a/run.sh", "run")]);
    expect(readFileSync(at("here/copy"), "utf8")).toBe("run");
    expect(readdirSync(at("here"))).toEqual(["a", "copy"]);
    expect(readdirSync(join(folder, "projects/app"))).toEqual(["files.json", "tree"]);
  });

  const refused: [what: string, send: () => Promise<unknown>, says: RegExp][] = [
    ["a path upwards", () => deliver([file("here/../../x", "x")], ["x"]), /no path inside/],
    ["an absolute path", () => deliver([file("/etc/x", "x")], ["x"]), /no path inside/],
    ["an empty part", () => deliver([file("here//x", "x")], ["x"]), /no path inside/],
    ["a path twice", () => deliver([file("x", "x"), link("x", "/etc")], ["x"]), /twice/],
    ["another project's name", () => deliver([], [], "../app"), /no name of a project/],
    ["a content nobody needs", () => deliver([], ["x"]), /does not need/],
    ["a content that is missing", () => deliver([file("here/x", "x")]), /neither sent/],
    [
      "other bytes than named",
      () => {
        const manifest = { digest: `sha256:${hex("")}`, entries: [file("here/x", "x")] };
        const body = tar([
          ["manifest.json", JSON.stringify(manifest)],
          [hex("x"), "y"],
        ]);
        return files.deliver("app", body, new AbortController().signal);
      },
      /other bytes/,
    ],
    [
      "a link in the place of a content",
      () => {
        const manifest = { digest: `sha256:${hex("")}`, entries: [file("here/x", "x")] };
        const body = tar([
          ["manifest.json", JSON.stringify(manifest)],
          [hex("x"), "/etc", "symlink"],
        ]);
        return files.deliver("app", body, new AbortController().signal);
      },
      /type symlink/,
    ],
    [
      "no tar",
      () => files.deliver("app", Readable.from(["junk".repeat(400)]), new AbortController().signal),
      /no tar|no manifest/,
    ],
  ];
  it.each(refused)("with %s is refused and leaves nothing", async (_what, send, says) => {
    await expect(send()).rejects.toThrow(says);
    expect(existsSync(at("here/x"))).toBe(false);
    expect(existsSync(join(folder, "projects/app/incoming"))).toBe(false);
  });
});

describe("what a container did in its folder", () => {
  it("is told, kept, and gives way to nothing", async () => {
    const keep = { keep: true };
    await deliver([directory("here/data", keep), file("here/data/a", "a", keep)], ["a"]);
    writeFileSync(at("here/data/a"), "theirs");
    writeFileSync(at("here/data/b"), "new");
    expect((await files.summary("app"))?.clean).toBe(false);
    const next = [file("here/data/a", "A", keep), file("here/data/b", "B", keep)];
    expect(await deliver(next, ["A", "B"])).toEqual({ kept: ["here/data/a", "here/data/b"] });
    await deliver([]);
    expect(["a", "b"].map((name) => readFileSync(at(`here/data/${name}`), "utf8"))).toEqual([
      "theirs",
      "new",
    ]);
  });

  it.each([
    ["a link above", () => symlinkSync("/etc", at("here/data/sub"))],
    [
      "a link in its place",
      () => {
        mkdirSync(at("here/data/sub"));
        symlinkSync(join(folder, "outside"), at("here/data/sub/x"));
      },
    ],
    ["a dangling link above", () => symlinkSync(join(folder, "outside"), at("here/data/sub"))],
  ])("leads no delivery and no removal out: %s", async (_what, attack) => {
    const keep = { keep: true };
    await deliver([directory("here/data", keep)]);
    writeFileSync(join(folder, "outside"), "mine");
    attack();
    const entry = file("here/data/sub/x", "x", keep);
    const { kept } = await deliver([directory("here/data", keep), entry], ["x"]);
    expect(kept).toEqual(["here/data/sub/x"]);
    await deliver([]);
    expect(existsSync("/etc/x")).toBe(false);
    expect(readFileSync(join(folder, "outside"), "utf8")).toBe("mine");
  });
});
