// Every kind of record, damaged at every place: the agent loads its state all the same, no file
// vanishes, and what cannot be read is told.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BlobStore } from "../../../agent/images/blob-store.ts";
import { Catalog } from "../../../agent/images/catalog.ts";
import { LayerStore } from "../../../agent/images/layer-store.ts";
import type { NetworkController } from "../../../agent/network/controller.ts";
import { SandboxStore } from "../../../agent/network/sandbox-store.ts";
import { loadContainers } from "../../../agent/objects/container/run/recover.ts";
import { Containers } from "../../../agent/objects/container/state/containers.ts";
import type { ContainerParts } from "../../../agent/objects/container/state/parts.ts";
import { Networks } from "../../../agent/objects/network/networks.ts";
import { Volumes } from "../../../agent/objects/volume/volumes.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { CONTAINER, IMAGE, LAYER, NETWORK, SANDBOX, STATE, VOLUME } from "./records.ts";

/** In memory, where a sync costs nothing. */
const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const home = mkdtempSync(join(place, "fairlead-damage-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const ID = "c".repeat(64);
const root = join(home, "root");
const run = join(home, "run");

const nothing = async () => undefined;
const controller = {
  restoreNetwork: () => undefined,
  keepUnreadable: () => undefined,
  recordedEndpoints: async () => [],
  addNetwork: nothing,
  takenSubnets: async () => [],
} as unknown as NetworkController;

/** Loads everything as the agent does; the names of the objects that are known then. */
async function load(): Promise<{ known: string[]; records: RecordStore }> {
  const records = new RecordStore(() => undefined);
  for (const folder of [`${root}/networks`, `${root}/images`, `${run}/sandboxes`]) {
    await records.sweep(folder, 0);
  }
  for (const folder of [`${root}/volumes`, `${root}/layers`]) await records.sweep(folder, 1);
  await records.sweep(`${root}/containers`, 2);
  const events = { publish: () => undefined };
  const containers = new Containers();
  await loadContainers({ root, run, records, containers } as unknown as ContainerParts);
  const catalog = await Catalog.open(`${root}/images`, records);
  const whole = async () => ({ bytes: 0 }) as never;
  const layers = await LayerStore.open(`${root}/layers`, whole, { layerForm: "overlay" }, records);
  await layers.find(`sha256:${ID}`);
  await BlobStore.open(`${root}/images`);
  const volumes = new Volumes({
    root,
    records,
    mounts: {} as never,
    flatten: nothing as never,
    events,
  });
  await volumes.load();
  const warn = () => undefined;
  const networks = new Networks({ root, instance: "test", controller, records, events, warn });
  await networks.load();
  await new SandboxStore(`${run}/sandboxes`, records).load();
  const known = [
    ...containers.all().map(({ id }) => `container ${id}`),
    ...catalog.list().map(({ id }) => `image ${id}`),
    ...volumes.list().map(({ Name }) => `volume ${Name}`),
  ];
  return { known, records };
}

/** Every file below the home, the content of each with it. */
function contents(): string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}

const KINDS = [
  ["container", `root/containers/${ID}/record.json`, CONTAINER],
  ["state of a container", `root/containers/${ID}/bundle/state.json`, STATE],
  ["image list", "root/images/images.json", IMAGE],
  ["layer", `root/layers/${ID}/layer.json`, LAYER],
  ["network", `root/networks/${"d".repeat(64)}.json`, NETWORK],
  ["volume", "root/volumes/data/volume.json", VOLUME],
  ["sandbox", `run/sandboxes/${ID}.json`, SANDBOX],
] as const;

function lay(): void {
  rmSync(root, { recursive: true, force: true });
  rmSync(run, { recursive: true, force: true });
  for (const [, path, record] of KINDS) {
    mkdirSync(join(home, path, ".."), { recursive: true });
    writeFileSync(join(home, path), JSON.stringify(record));
  }
  mkdirSync(join(root, "volumes/data/_data"));
  writeFileSync(join(root, "volumes/data/_data/precious"), "data");
  writeFileSync(join(root, `containers/${ID}/bundle/config.json`), "{}");
  writeFileSync(join(root, `containers/${ID}/${ID}-json.log`), "a line of the log");
}

const STEPS = 20;

describe("a record that is damaged", () => {
  let whole: string[];
  beforeAll(async () => {
    lay();
    const { known, records } = await load();
    expect(records.unreadable).toEqual([]);
    whole = known;
  });

  const damages = {
    "is cut off": (bytes: Buffer, at: number) => bytes.subarray(0, at),
    "has zeros in place of a block": (bytes: Buffer, at: number) =>
      Buffer.concat([bytes.subarray(0, at), Buffer.alloc(16), bytes.subarray(at + 16)]),
    "has a flipped byte": (bytes: Buffer, at: number) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 0x15;
      return copy;
    },
  };
  const cases = KINDS.flatMap(([kind, path]) =>
    Object.entries(damages).map(([how, damage]) => [kind, how, path, damage] as const),
  );

  test.each(cases)(
    "%s: %s, at any place, costs no object and no file",
    async (kind, _, path, damage) => {
      lay();
      const file = join(home, path);
      const sound = readFileSync(file);
      for (let at = 0; at < sound.length; at += Math.ceil(sound.length / STEPS)) {
        const damaged = damage(sound, at);
        writeFileSync(file, damaged);
        const before = contents();
        const { known, records } = await load();
        const now = contents();
        for (const content of before) expect(now).toContain(content);
        const told = records.unreadable.some((one) => one.path === file);
        const readable = existsSync(file) && !told;
        expect(told || readable).toBe(true);
        if (kind !== "image list") expect(known).toEqual(whole);
        // And again by the next agent, which finds what the first has set aside.
        const next = await load();
        expect(next.known).toEqual(known);
        expect(next.records.unreadable.map(({ setAside }) => setAside)).toEqual(
          records.unreadable.map(({ setAside }) => setAside),
        );
        lay();
      }
    },
  );
});
