// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles.
// What a build is made from on this machine: which files go along, and what makes it another build.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBuild } from "../../../../providers/engine/image-build/local.ts";
import { registriesOf } from "../../../../providers/engine/image-build/registries.ts";
import { image } from "../../../../resources/kinds/image/image.ts";
import { check } from "../../../../resources/model/schema.ts";
import { secret } from "../../../../resources/model/secret.ts";
import { buildCause } from "../../../../resources/plan/build.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-build-"));
  put("Dockerfile", "FROM scratch\nCOPY . /");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function read(build: object = {}, bases: Record<string, string> = {}) {
  const spec = check(image, { name: "app:1", build: { context: folder, ...build } });
  const partsOf = (of: string) => ({
    ...{ context: of, dockerfile: "", args: {}, contexts: {}, settings: "" },
  });
  const builtAs = async (name: string) =>
    bases[name] === undefined ? undefined : partsOf(bases[name]);
  return readBuild(spec as Parameters<typeof readBuild>[0], builtAs);
}

async function pathsOf(build: object = {}): Promise<string[]> {
  const { context } = await read(build);
  return (context?.manifest.entries ?? []).map(({ path }) => path);
}

describe("the files of a context", () => {
  const cases: [what: string, ignore: Record<string, string>, paths: string[]][] = [
    ["are all of them", {}, ["Dockerfile", "a", "a/b.log", "a/c.txt", "d.log"]],
    [
      "without those that .dockerignore names",
      { ".dockerignore": "*.log\n.dockerignore" },
      ["Dockerfile", "a", "a/b.log", "a/c.txt"],
    ],
    [
      "with exceptions, also in folders that are left out",
      { ".dockerignore": "*\n!a/c.txt\n" },
      ["a", "a/c.txt"],
    ],
    [
      "by the Dockerfile's own list before the context's",
      { ".dockerignore": "*", "Dockerfile.dockerignore": "a\n*ignore" },
      ["Dockerfile", "d.log"],
    ],
  ];
  for (const [what, ignore, paths] of cases) {
    it(what, async () => {
      put("a/b.log", "1");
      put("a/c.txt", "2");
      put("d.log", "3");
      for (const [name, text] of Object.entries(ignore)) put(name, text);
      expect(await pathsOf()).toEqual(paths);
    });
  }

  it("are links as they are, which are not followed, and no pipes", async () => {
    symlinkSync("/etc/shadow", join(folder, "shadow"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const { context } = await read();
    expect(context?.manifest.entries).toContainEqual(
      expect.objectContaining({ type: "link", path: "shadow", target: "/etc/shadow" }),
    );
    expect(context?.manifest.entries.map(({ path }) => path)).toEqual(["Dockerfile", "shadow"]);
  });

  it("are refused when they are too much, before they are read", async () => {
    put("big", "");
    truncateSync(join(folder, "big"), 5e12);
    await expect(read()).rejects.toThrow(
      /build context is 5000 GB, more than 1.0 GB: big \(5000 GB/,
    );
    await expect(read({ limit: "1k" })).rejects.toThrow("more than 1.0 kB");
  });
});

describe("a Dockerfile", () => {
  it("may lie outside of the context, and is text in any case", async () => {
    put("x/Other", "FROM other");
    const { dockerfile, dockerfilePath } = await read({
      ...{ context: join(folder, "x"), dockerfile: "../Dockerfile" },
    });
    expect([dockerfile, dockerfilePath]).toEqual(["FROM scratch\nCOPY . /", undefined]);
    expect((await read({ dockerfile: "x/Other" })).dockerfilePath).toBe("x/Other");
    expect(await read({ dockerfileInline: "FROM a" })).toMatchObject({ dockerfile: "FROM a" });
  });

  const refused: [what: string, make: () => void, says: RegExp][] = [
    ["that is not there", () => rmSync(join(folder, "Dockerfile")), /Dockerfile is not there/],
    [
      "that is a pipe",
      () => {
        rmSync(join(folder, "Dockerfile"));
        execFileSync("mkfifo", [join(folder, "Dockerfile")]);
      },
      /Dockerfile cannot be read: it is no file/,
    ],
    ["that is huge", () => truncateSync(join(folder, "Dockerfile"), 2e9), /larger than 1 MiB/],
    ["without its context", () => rmSync(folder, { recursive: true }), /context .* is not there/],
  ];
  for (const [what, make, says] of refused) {
    it(`${what} is refused`, async () => {
      make();
      await expect(read()).rejects.toThrow(says);
    });
  }
});

describe("a build is another one", () => {
  const label = async (build: object = {}, bases = {}) =>
    JSON.stringify((await read(build, bases)).parts);
  const cases: [what: string, change: () => void, build: object, cause: RegExp][] = [
    ["when a file changes", () => put("a", "2"), {}, /^files of its context changed$/],
    ["when a mode changes", () => execFileSync("chmod", ["755", join(folder, "a")]), {}, /^files/],
    ["when its Dockerfile does", () => {}, { dockerfileInline: "FROM x" }, /^its Dockerfile/],
    ["with another argument", () => {}, { args: { A: "2" } }, /^argument A changed$/],
    ["with another target", () => {}, { target: "x" }, /^how it is built changed$/],
    ["with another context", () => {}, { contexts: { o: "docker-image://b:2" } }, /^context o/],
  ];
  const plain = { args: { A: "1" }, contexts: { o: "docker-image://b:1" } };
  for (const [what, change, build, cause] of cases) {
    it(what, async () => {
      put("a", "1");
      const before = (await read(plain)).parts;
      change();
      const now = (await read({ ...plain, ...build })).parts;
      expect(buildCause(before, now, [])).toMatch(cause);
    });
  }

  it("when the image that it is built on is another one", async () => {
    const build = { contexts: { base: "docker-image://b:1" } };
    expect(await label(build, { "b:1": "1" })).not.toBe(await label(build, { "b:1": "2" }));
  });

  it("and not when a time, a secret, or the cache's use changes", async () => {
    const before = await label();
    execFileSync("touch", ["-d", "2001-01-01", join(folder, "Dockerfile")]);
    const secrets = { s: { content: secret("x") } };
    expect(await label({ secrets, noCache: true, pull: true, limit: "2g" })).toBe(before);
  });

  it("and tells an argument's value to nobody", async () => {
    expect(await label({ args: { A: secret("hunter2") } })).not.toContain("hunter2");
  });
});

it("credentials go along for the registries that the Dockerfile names, and for no others", () => {
  const dockerfile = [
    ...["ARG BASE=one.example.com/a", "FROM --platform=x $BASE AS b", "FROM two.example.com:5/c"],
    ...["FROM busybox", "COPY --from=three.example.com/d /x /", "FROM ${NONE:-four.example.com/e}"],
  ].join("\n");
  const found = registriesOf({ dockerfile, contexts: new Map() }, { args: { BASE: "five.io/f" } });
  expect([...found.keys()].sort()).toEqual([
    ...["five.io", "four.example.com", "https://index.docker.io/v1/", "three.example.com"],
    "two.example.com:5",
  ]);
});
