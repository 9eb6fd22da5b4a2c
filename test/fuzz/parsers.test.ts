// Every parser of ours that reads what others write, over inputs that are almost right: it gives a
// value or refuses with an error of ours, and within a second. FAIRLEAD_FUZZ_SECONDS says how long
// each runs (default 1), FAIRLEAD_FUZZ_SEED where the inputs start.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, describe, expect, onTestFailed, test } from "vitest";
import { readImageDocument, readManifest } from "../../agent/images/manifest.ts";
import { parsePlatform } from "../../agent/images/platform.ts";
import { readChallenge, readToken } from "../../agent/images/registry-auth.ts";
import { Spool, SpooledArchive } from "../../agent/images/spool.ts";
import { parseAddress } from "../../agent/network/model/ip.ts";
import { deleteStale } from "../../agent/network/netlink/conntrack.ts";
import { readLinks } from "../../agent/network/netlink/link.ts";
import { readAddresses, readRoutes } from "../../agent/network/netlink/route.ts";
import { readChains } from "../../agent/network/nftables/table.ts";
import { rewriteTar } from "../../agent/objects/tree/tar-rewrite.ts";
import { customSeccomp, defaultSeccomp } from "../../agent/runtime/seccomp.ts";
import { indexTar } from "../../providers/engine/image-source/tar-index.ts";
import { FairleadError } from "../../resources/model/errors.ts";
import { parseReference } from "../../resources/model/reference.ts";
import { Chance, mutateBytes, mutateJson } from "./mutate.ts";
import { context, NETLINK, tars } from "./seeds.ts";

const seconds = Number(process.env.FAIRLEAD_FUZZ_SECONDS ?? 1);
const seed = Number(process.env.FAIRLEAD_FUZZ_SEED ?? 1);
const SLOW_MS = 1000;
const timeout = seconds * 1000 + 60_000;

const folder = mkdtempSync(join(tmpdir(), "fairlead-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const blob = (mediaType: string, digit: string) => ({ mediaType, digest: digest(digit), size: 9 });
const MANIFEST = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: blob("application/vnd.oci.image.config.v1+json", "a"),
  layers: [blob("application/vnd.oci.image.layer.v1.tar+gzip", "b")],
};
const INDEX = {
  schemaVersion: 2,
  manifests: [
    {
      ...blob(MANIFEST.mediaType, "c"),
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
      annotations: { "io.containerd.image.name": "x" },
    },
  ],
};
const DOCUMENT = {
  os: "linux",
  architecture: "amd64",
  rootfs: { type: "layers", diff_ids: [digest("d")] },
  config: {
    User: "1:2",
    Env: ["A=b"],
    Cmd: ["sh"],
    Labels: { a: "b" },
    Volumes: { "/v": {} },
    Healthcheck: { Test: ["CMD", "true"] },
  },
  history: [{ created_by: "x", empty_layer: true }],
};
const PROFILE = {
  ...defaultSeccomp(context),
  architectures: undefined,
  archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
  flags: ["SECCOMP_FILTER_FLAG_LOG"],
  syscalls: [
    {
      names: ["clone"],
      action: "SCMP_ACT_ALLOW",
      args: [{ index: 0, value: 1, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
      includes: { caps: ["CAP_SYS_ADMIN"], arches: ["amd64"], minKernel: "4.8" },
      excludes: { caps: ["CAP_X"], arches: ["s390"], minKernel: "9.9" },
    },
    { name: "read", action: "SCMP_ACT_ERRNO", errnoRet: 1 },
  ],
};

const json =
  (...seeds: unknown[]) =>
  (chance: Chance) =>
    chance.below(3) === 0
      ? mutateBytes(
          seeds.map((one) => Buffer.from(JSON.stringify(one))),
          chance,
        )
      : Buffer.from(JSON.stringify(mutateJson(chance.pick(seeds), chance)) ?? "");
const bytes = (...seeds: (Buffer | string)[]) => {
  const buffers = seeds.map((one) => Buffer.from(one as string));
  return (chance: Chance) => mutateBytes(buffers, chance);
};

interface Parser {
  name: string;
  input: (chance: Chance) => Buffer;
  parse: (input: Buffer) => unknown;
}

const archives = await tars();
const target = parseAddress("1.0.0.0")!;
const parsers: Parser[] = [
  { name: "image manifests", input: json(MANIFEST, INDEX), parse: readManifest },
  { name: "image configurations", input: json(DOCUMENT), parse: readImageDocument },
  {
    name: "seccomp profiles",
    input: json(PROFILE),
    parse: (input) => customSeccomp(input.toString(), context),
  },
  { name: "answers about interfaces", input: bytes(...NETLINK), parse: readLinks },
  { name: "answers about addresses", input: bytes(...NETLINK), parse: readAddresses },
  { name: "answers about routes", input: bytes(...NETLINK), parse: readRoutes },
  { name: "answers about chains", input: bytes(...NETLINK), parse: readChains },
  {
    name: "answers about tracked connections",
    input: bytes(...NETLINK),
    parse: (input) => deleteStale(input, 4, [{ hostPort: 53, target }]),
  },
  {
    name: "challenges of registries",
    input: bytes('Bearer realm="https://a/t",service="a b",scope="x\\"y"', "Basic realm=x"),
    parse: (input) => readChallenge(input.toString("latin1")),
  },
  { name: "tokens of registries", input: json({ token: "abc", expires_in: 3 }), parse: readToken },
  {
    name: "image references",
    input: bytes("registry.example:5000/a/b:tag", `alpine@${digest("e")}`, "[::1]:5000/x"),
    parse: (input) => parseReference(input.toString()),
  },
  {
    name: "platforms",
    input: bytes("linux/arm64/v8", "amd64"),
    parse: (input) => parsePlatform(input.toString()),
  },
  {
    name: "tar files of the client",
    input: bytes(...archives),
    parse: async (input) => {
      const path = join(folder, "archive.tar");
      writeFileSync(path, input);
      await indexTar(path);
    },
  },
  {
    name: "image archives",
    input: bytes(...archives),
    parse: async (input) => {
      const spool = await Spool.open(folder);
      try {
        const archive = await SpooledArchive.read(spool, Readable.from([input]));
        await archive.content("a", 1000);
      } finally {
        await spool.dispose();
      }
    },
  },
];

describe("hostile input for the reader of", () => {
  for (const { name, input, parse } of parsers) {
    test(`${name} gives a value or an error of ours`, { timeout }, () =>
      fuzz(input, async (one) => {
        try {
          await parse(one);
        } catch (error) {
          const ours = error instanceof FairleadError && error.code !== "internal";
          if (!ours) throw error;
        }
      }),
    );
  }

  // Passing on fails with the archive's own error, which its sender gets.
  test("archives that are passed on ends with an error or the end", { timeout }, () =>
    fuzz(bytes(...archives), async (one) => {
      const passed = rewriteTar(Readable.from([one]), () => ({ uid: 1 }));
      try {
        for await (const _ of passed);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toBeInstanceOf(TypeError);
      }
    }),
  );
});

async function fuzz(make: (chance: Chance) => Buffer, run: (input: Buffer) => Promise<void>) {
  const chance = new Chance(seed);
  const endsAt = Date.now() + seconds * 1000;
  let count = 0;
  let input: Buffer = Buffer.alloc(0);
  // Also when a reader waits for what never comes, which the test's time limit ends.
  onTestFailed(() => {
    console.error(`input ${count} of seed ${seed}: ${input.toString("base64").slice(0, 4000)}`);
  });
  do {
    input = make(chance);
    const startedMs = process.cpuUsage().user / 1000;
    await run(input);
    expect(process.cpuUsage().user / 1000 - startedMs).toBeLessThan(SLOW_MS);
    count++;
  } while (Date.now() < endsAt);
  expect(count).toBeGreaterThan(0);
}
