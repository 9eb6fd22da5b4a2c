// Every field of every resource through the real terraform: applied, planned again, edited, planned
// again, imported, planned again, changed on the host, and planned. No plan after an apply or an
// import may have anything to do; a plan after a change on the host says the field.
import { execSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RESOURCES } from "../../../providers/terraform/catalog.ts";
import { fromField, fromFields } from "../../../providers/terraform/schema/translate.ts";
import { createRequest } from "../../../resources/kinds/container/docker/container.ts";
import { host as hostType } from "../../../resources/kinds/host/host.ts";
import { shapeOf, typeOf } from "../../../resources/kinds/shape.ts";
import { check } from "../../../resources/model/schema.ts";
import {
  containerBeside,
  containerEdits,
  networkEdits,
  volumeEdits,
} from "../../resources/kinds/edits.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { dockerd } from "../engine/reconcile/engine.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const reason = whyNoTerraform() ?? whyNoDockerd();
if (reason) console.log(`fields are not tried with terraform: ${reason}`);

// Debian's dockerd cannot edit labels of what exists.
const FIXED_LABELS = new Set(["container_labels", "network_labels"]);

type Kind = "container" | "network" | "volume" | "image" | "host";
const folder = mkdtempSync(join(tmpdir(), "fairlead-fields-"));
const archive = join(folder, "images.tar");
// One archive has both tags; the other image is the root file system with another command.
const imageEdits = {
  name: ["fairlead/name-a:1", "fairlead/name-b:1"],
  archive: [archive, archive],
  archiveTag: ["fairlead/a:1", "fairlead/b:1"],
  rootfs: [join(folder, "rootfs"), join(folder, "rootfs")],
  config: [
    { command: ["sleep", "1"], labels: { tier: "a" } },
    { command: ["sleep", "2"], env: { MODE: "b" } },
  ],
  platform: ["linux/amd64", "linux/amd64"],
  pull: ["missing", "never"],
};
const imageBeside: Record<string, object> = {
  archive: { archiveTag: "fairlead/a:1" },
  archiveTag: { archive },
  rootfs: {},
};
const hostEdits = {
  user: ["a", "b"],
  port: [22, 2222],
  privateKey: ["key-a", "key-b"],
  privateKeyPassword: ["a", "b"],
  password: ["a", "b"],
  agentSocketPath: ["/a.sock", "/b.sock"],
  hostKey: [`SHA256:${"A".repeat(43)}`, `SHA256:${"B".repeat(42)}A`],
  knownHosts: ["/a", "/b"],
  dialErrorLimit: [1, 2],
  perDialTimeout: ["5s", "1m30s"],
  keepAlive: ["5s", "0.5m"],
  proxy: [[{ host: "jump-a" }], [{ host: "jump-b", user: "u" }]],
  become: [true, false],
  becomePassword: ["a", "b"],
};
const edits = {
  ...{ container: containerEdits, network: networkEdits, volume: volumeEdits },
  ...{ image: imageEdits, host: hostEdits },
};

interface Case {
  kind: Kind;
  field: string;
  /** Whether an engine shows it: else the apply after an import makes it as declared. */
  isShown: boolean;
  values: [unknown, unknown];
}
const cases = (Object.keys(edits) as Kind[]).flatMap((kind) =>
  shapeOf(kind).flatMap(({ name: field, rule, isShown }): Case[] => {
    const values = (edits[kind] as Record<string, [unknown, unknown]>)[field];
    // The engine's own tests say how it, or this machine's kernel, refuses it.
    const refusals = kind === "image" || kind === "host" ? {} : dockerd.refusals[kind];
    if (!values || (kind !== "volume" && field in refusals)) return [];
    // No edit of a volume may cost its data, and this engine edits no labels of a volume.
    const fixed = rule === "refuse" || kind === "volume";
    return [{ kind, field, isShown, values: fixed ? [values[0], values[0]] : values }];
  }),
);

describe.skipIf(reason !== undefined)("every field through terraform", () => {
  const docker = new DockerEngine();
  const provider = new Reattached();
  beforeAll(async () => {
    await Promise.all([docker.start(), provider.start()]);
    cpSync(docker.rootfs, join(folder, "rootfs"), { recursive: true, verbatimSymlinks: true });
    const from = `docker -H unix://${docker.socket}`;
    for (const tag of ["a", "b"]) {
      const entry = `CMD ["sleep","60${tag === "a" ? 1 : 2}"]`;
      const tar = `tar -C ${docker.rootfs} -c . | ${from} import -c '${entry}' - fairlead/${tag}:1`;
      execSync(tar, { stdio: "ignore" });
    }
    execSync(`${from} save fairlead/a:1 fairlead/b:1 > ${archive}`);
  });
  afterAll(async () => {
    provider.stop();
    await docker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const labelOf = ({ kind, field }: Case) => `${kind}_${field}`;
  const nameOf = (one: Case, turn: 0 | 1) => {
    if (one.field === "name") return String(one.values[turn]);
    const name = labelOf(one).replace("_", "-").toLowerCase();
    return one.kind === "image" ? `fairlead/${name}:1` : name;
  };
  const addressOf = (one: Case) => `fairlead_${one.kind}.${labelOf(one)}`;
  const attributesOf = (kind: Kind) =>
    RESOURCES.find(({ name }) => name === `fairlead_${kind}`)!.attributes;

  function besides({ kind, field }: Case): object {
    if (kind === "image") return imageBeside[field] ?? { rootfs: docker.rootfs };
    if (kind !== "container") return {};
    const more = containerBeside[field as keyof typeof containerBeside];
    return {
      ...{ image: "fairlead/fields:1", init: true, stopGracePeriod: "1s", settle: "10ms" },
      ...more,
    };
  }

  function fieldsOf(one: Case, turn: 0 | 1): Record<string, unknown> {
    const { kind, field, values } = one;
    const given = { ...besides(one), name: nameOf(one, turn), [field]: values[turn] };
    return check(typeOf(kind) as never, given) as never;
  }

  function block(one: Case, turn: 0 | 1): object {
    const { kind, field, values } = one;
    if (kind === "host") {
      const local = { host: "local", engine: "docker", socket: docker.socket };
      const fields = plain(check(hostType, { ...local, [field]: values[turn] })) as object;
      const { type } = attributesOf("host").find(({ name }) => name === "connect")!;
      return { name: labelOf(one), connect: withoutNull(fromField(type, fields)) };
    }
    const all = fromFields(attributesOf(kind), plain(fieldsOf(one, turn)) as never);
    const needs = ["fairlead_image.app", "fairlead_network.front", "fairlead_container.beside"];
    return {
      ...{ ...(withoutNull(all) as object), host: reference("fairlead_host.here.id") },
      ...(kind === "container"
        ? { image: reference("fairlead_image.app.name"), depends_on: needs }
        : {}),
    };
  }

  function write(terraform: Workspace, turn: 0 | 1, more: object = {}): void {
    const resource: Record<string, Record<string, object>> = {
      fairlead_host: {
        here: {
          name: "here",
          connect: { host: "local", engine: "docker", socket: docker.socket },
        },
      },
      fairlead_image: {
        app: {
          ...{ host: reference("fairlead_host.here.id"), name: "fairlead/fields:1" },
          ...{ rootfs: docker.rootfs, config: { command: ["sleep", "600"] } },
        },
      },
      fairlead_network: { front: { host: reference("fairlead_host.here.id"), name: "front" } },
      fairlead_container: {
        beside: {
          ...{ host: reference("fairlead_host.here.id"), name: "beside", settle: "10ms" },
          ...{ image: reference("fairlead_image.app.name"), init: true, stop_grace_period: "1s" },
          mounts: [{ type: "volume", target: "/d" }],
        },
      },
    };
    for (const one of cases) {
      const type = `fairlead_${one.kind}`;
      resource[type] = { ...resource[type], [labelOf(one)]: block(one, turn) };
    }
    const path = join(terraform.folder, "resources.tf.json");
    writeFileSync(path, JSON.stringify({ resource, ...more }, null, 1));
  }

  /** Another container in its place, as someone might make it who leaves the labels alone. */
  async function changeOnHost(one: Case): Promise<void> {
    const name = nameOf(one, 1);
    const { client } = docker;
    const seen = await client.json<{ Id: string; Config: { Labels: Record<string, string> } }>({
      ...{ method: "GET", path: `/containers/${name}/json` },
    });
    const own = Object.entries(seen.Config.Labels).filter(([key]) => key.startsWith("dev."));
    const body = createRequest(fieldsOf(one, 0) as never, Object.fromEntries(own));
    const query = { force: true };
    await client.json({ method: "DELETE", path: `/containers/${seen.Id}`, query });
    await client.json({ method: "POST", path: "/containers/create", query: { name }, body });
  }

  test("applies, changes and imports without a difference left", { timeout: 600_000 }, async () => {
    const terraform = new Workspace({ TF_REATTACH_PROVIDERS: provider.variable });
    const nothingToDo = async () => {
      const { code, text } = await terraform.plan();
      expect(code === 0 ? "" : text).toBe("");
    };
    try {
      terraform.write("");
      write(terraform, 0);
      await terraform.apply();
      await nothingToDo();
      write(terraform, 1);
      const changed = await terraform.run("plan", "-out=edit");
      expect(changed.code === 0 ? "" : changed.text).toBe("");
      const edits = await changesOf(terraform, "edit");
      // An object is made anew exactly when the field's rule says so.
      const misjudged = cases.filter((one) => {
        const change = edits.get(addressOf(one))!;
        expect(change.actions).not.toContain("delete");
        const anew = change.after_unknown[`${one.kind}_id`] === true;
        const { rule } = attributesOf(one.kind).find(({ field }) => field === one.field) ?? {};
        const edited = !isDeepStrictEqual(plain(one.values[0]), plain(one.values[1]));
        return anew !== (edited && (rule === "replace" || FIXED_LABELS.has(labelOf(one))));
      });
      expect(misjudged.map(labelOf)).toEqual([]);
      await terraform.apply("edit");
      await nothingToDo();

      const moved = cases.filter(({ kind, field, isShown }) => {
        return kind === "container" ? isShown : field !== "pull";
      });
      await terraform.run("state", "rm", ...moved.map(addressOf));
      const idOf = (one: Case) =>
        one.kind === "host" ? `${labelOf(one)}=unix://${docker.socket}` : `here/${nameOf(one, 1)}`;
      write(terraform, 1, { import: moved.map((one) => ({ to: addressOf(one), id: idOf(one) })) });
      const imported = await terraform.run("plan", "-out=import");
      // What only steers fairlead is in no object, so an import leaves it to be set.
      expect(imported.text).toMatch(/to import, 0 to add, \d+ to change, 0 to destroy/);
      await terraform.apply("import");
      await nothingToDo();

      const shown = moved.filter(({ kind, field }) => kind === "container" && field !== "name");
      for (const one of shown) await changeOnHost(one);
      const drifted = await terraform.run("plan", "-out=drift");
      expect(drifted.code === 0 ? "" : drifted.text).toBe("");
      const changes = await changesOf(terraform, "drift");
      const silent = shown.filter((one) => {
        const change = changes.get(addressOf(one))!;
        const { name } = attributesOf("container").find(({ field }) => field === one.field)!;
        return isDeepStrictEqual(change.before[name], change.after[name]);
      });
      expect(silent.map(labelOf)).toEqual([]);
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
    }
  });
});

interface Change {
  actions: string[];
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  after_unknown: Record<string, unknown>;
}

/** What a saved plan does, by address. */
async function changesOf(terraform: Workspace, plan: string): Promise<Map<string, Change>> {
  const { text } = await terraform.run("show", "-json", plan);
  const { resource_changes: all } = JSON.parse(text) as {
    resource_changes: { address: string; change: Change }[];
  };
  return new Map(all.map(({ address, change }) => [address, change]));
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== "object" || value === null) return value;
  const set = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(set.map(([key, one]) => [key, withoutNull(one)]));
}

function reference(expression: string): string {
  return `\${${expression}}`;
}

// Secrets are written out: a configuration has them in the clear.
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("reveal" in value && typeof value.reveal === "function") return value.reveal();
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
