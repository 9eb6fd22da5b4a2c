// Every field of every resource through the real terraform: applied, planned again, edited, planned
// again, imported, planned again. No plan after an apply or an import may have anything to do.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RESOURCES } from "../../../providers/terraform/catalog.ts";
import { fromFields } from "../../../providers/terraform/schema/translate.ts";
import { check } from "../../../resources/schema.ts";
import { SHAPED, shapeOf } from "../../../resources/shape.ts";
import {
  containerBeside,
  containerEdits,
  networkEdits,
  volumeEdits,
} from "../../resources/edits.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const reason = whyNoTerraform() ?? whyNoDockerd();
if (reason) console.log(`fields are not tried with terraform: ${reason}`);

// What Debian's dockerd or this machine's kernel refuses; the engine's own tests say how.
const REFUSED = new Set([
  ...["container.platform", "container.privileged", "container.runtime", "container.annotations"],
  ...["network.driver", "network.enableIpv6", "network.ipamDriver"],
]);
// No engine shows these; after an import the next apply makes them as declared.
const UNSEEN = new Set(["files", "pull", "job", "settle", "healthTimeout", "replaceOrder"]);

type Kind = "container" | "network" | "volume";
const edits = { container: containerEdits, network: networkEdits, volume: volumeEdits };

interface Case {
  kind: Kind;
  field: string;
  values: [unknown, unknown];
}
const cases = (Object.keys(edits) as Kind[]).flatMap((kind) =>
  shapeOf(kind).flatMap(({ name: field, rule }): Case[] => {
    const values = (edits[kind] as Record<string, [unknown, unknown]>)[field];
    if (!values || REFUSED.has(`${kind}.${field}`)) return [];
    // No edit of a volume may cost its data, and this engine edits no labels of a volume.
    const fixed = rule === "refuse" || kind === "volume";
    return [{ kind, field, values: fixed ? [values[0], values[0]] : values }];
  }),
);

describe.skipIf(reason !== undefined)("every field through terraform", () => {
  const docker = new DockerEngine();
  const provider = new Reattached();
  beforeAll(() => Promise.all([docker.start(), provider.start()]));
  afterAll(async () => {
    provider.stop();
    await docker.stop();
  });

  const labelOf = ({ kind, field }: Case) => `${kind}_${field}`;
  const nameOf = (one: Case, turn: 0 | 1) =>
    one.field === "name" ? String(one.values[turn]) : labelOf(one).replace("_", "-").toLowerCase();

  function block(one: Case, turn: 0 | 1): object {
    const { kind, field, values } = one;
    const spec =
      kind === "container"
        ? { image: "fairlead/fields:1", init: true, stopGracePeriod: "1s", settle: "10ms" }
        : {};
    const beside =
      kind === "container" ? containerBeside[field as keyof typeof containerBeside] : {};
    const fields = check(SHAPED[kind] as never, {
      ...{ ...spec, ...beside, name: nameOf(one, turn), [field]: values[turn] },
    }) as Record<string, unknown>;
    const { attributes } = RESOURCES.find(({ name }) => name === `fairlead_${kind}`)!;
    const entries = Object.entries(fromFields(attributes, plain(fields) as typeof fields));
    const given = Object.fromEntries(entries.filter(([, value]) => value !== null));
    const needs = ["fairlead_image.app", "fairlead_network.front"];
    return {
      ...{ ...given, host: reference("fairlead_host.here.id") },
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
    };
    for (const one of cases) {
      const type = `fairlead_${one.kind}`;
      resource[type] = { ...resource[type], [labelOf(one)]: block(one, turn) };
    }
    const path = join(terraform.folder, "resources.tf.json");
    writeFileSync(path, JSON.stringify({ resource, ...more }, null, 1));
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
      await terraform.apply("edit");
      await nothingToDo();

      const moved = cases.filter(({ field }) => !UNSEEN.has(field));
      const addresses = moved.map((one) => `fairlead_${one.kind}.${labelOf(one)}`);
      await terraform.run("state", "rm", ...addresses);
      write(terraform, 1, {
        import: moved.map((one) => ({
          to: `fairlead_${one.kind}.${labelOf(one)}`,
          id: `here/${nameOf(one, 1)}`,
        })),
      });
      const imported = await terraform.run("plan", "-out=import");
      // What only steers fairlead is in no object, so an import leaves it to be set.
      expect(imported.text).toMatch(/to import, 0 to add, \d+ to change, 0 to destroy/);
      await terraform.apply("import");
      await nothingToDo();
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
    }
  });
});

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
