// Builds the same Dockerfiles with dockerd's classic builder and with ours, and compares the images
// file by file and field by field.
import { createHash } from "node:crypto";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agentMissing,
  dockerdMissing,
  startAgent,
  startDockerd,
} from "../../conformance/engines.ts";
import { Builder } from "./builder.ts";
import { CASES } from "./dockerfiles.ts";

const missing = agentMissing() ?? dockerdMissing();

/** Names whose content is the engine's, or that an export makes up. */
const OTHERS = /^(\.dockerenv|dev\/|proc\/|sys\/|etc\/(hosts|hostname|resolv\.conf|mtab)?$)/;

/** Every file of an image: type, mode, owner, and content or target. */
async function filesOf(builder: Builder, image: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const entries = extract();
  entries.end(builder.exported(image));
  for await (const entry of entries) {
    const { name, type, mode = 0, uid, gid, linkname } = entry.header;
    const hash = createHash("sha256");
    for await (const chunk of entry) hash.update(chunk as Buffer);
    if (OTHERS.test(name)) continue;
    const content = type === "file" ? hash.digest("hex").slice(0, 12) : (linkname ?? "");
    files[name] = `${type} ${(mode & 0o7777).toString(8)} ${uid}:${gid} ${content}`;
  }
  return files;
}

const FIELDS = [
  ...["Env", "Cmd", "Entrypoint", "User", "WorkingDir", "Labels", "ExposedPorts", "Volumes"],
  ...["Healthcheck", "StopSignal", "OnBuild", "Shell"],
];

async function outcome(builder: Builder, index: number): Promise<object> {
  const { dockerfile, files = {}, options = [] } = CASES[index]!;
  const tag = `case:${index}`;
  const built = builder.build({ Dockerfile: dockerfile, ...files }, ["-t", tag, ...options]);
  if (built.status !== 0) {
    if (!CASES[index]!.fails) console.error(built.text);
    return { failed: true };
  }
  const [inspected] = JSON.parse(builder.docker(["image", "inspect", tag]).out);
  const config = inspected.Config as Record<string, unknown>;
  const said = FIELDS.flatMap((field) => {
    const value = config[field];
    // BuildKit writes the root down where the classic builder says nothing.
    const empty =
      (field === "WorkingDir" && value === "/") ||
      value === undefined ||
      value === null ||
      value === "" ||
      same(value, {}) ||
      same(value, []);
    return empty ? [] : [[field, value]];
  });
  return {
    config: Object.fromEntries(said),
    author: inspected.Author,
    files: await filesOf(builder, tag),
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

describe.skipIf(missing !== undefined)(
  `images as dockerd builds them (skipped: ${missing ?? "no"})`,
  () => {
    let ours: Builder;
    let theirs: Builder;
    beforeAll(async () => {
      [ours, theirs] = await Promise.all([Builder.open(startAgent), Builder.open(startDockerd)]);
    });
    afterAll(async () => {
      await ours?.close();
      await theirs?.close();
    });

    test.each(CASES.map(({ title }, index) => [title, index] as const))(
      "%s",
      async (_title, index) => {
        const [made, reference] = await Promise.all([outcome(ours, index), outcome(theirs, index)]);
        expect("failed" in reference).toBe(CASES[index]!.fails === true);
        expect(made).toEqual(reference);
      },
    );
  },
);
