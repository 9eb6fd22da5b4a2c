// Every field of every resource over the real protocol: made, the same, edited, the same, imported
// without a difference. The test engine looks at each answer: diffs, outputs, reads, secrets.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputOf as written } from "../../../providers/pulumi/resource/declaration.ts";
import { inputOf, OBJECTS } from "../../../providers/pulumi/schema/catalog.ts";
import { shapeOf, typeOf } from "../../../resources/kinds/shape.ts";
import { check } from "../../../resources/model/schema.ts";
import { Secret } from "../../../resources/model/secret.ts";
import {
  containerBeside,
  containerEdits,
  networkEdits,
  volumeEdits,
} from "../../resources/kinds/edits.ts";
import { dockerd } from "../engine/reconcile/engine.ts";
import { DockerHost, doing, whyNoDockerd } from "./docker-host.ts";

const why = whyNoDockerd();
if (why) console.log(`skipped: ${why}`);

type Kind = "container" | "network" | "volume";
const EDITS = { container: containerEdits, network: networkEdits, volume: volumeEdits };
const KINDS = Object.keys(EDITS) as Kind[];

interface Case {
  kind: Kind;
  field: string;
  rule: string;
  /** Whether an engine shows it: else an import does not bring it. */
  isShown: boolean;
  values: [unknown, unknown];
}
const cases = KINDS.flatMap((kind) =>
  shapeOf(kind).flatMap(({ name: field, rule, isShown }): Case[] => {
    const values = (EDITS[kind] as Record<string, [unknown, unknown]>)[field];
    // The engine's own tests say how it, or this machine's kernel, refuses it.
    if (!values || (kind !== "volume" && field in dockerd.refusals[kind])) return [];
    // No edit of a volume may cost its data, and this engine edits no labels of a volume.
    const fixed = rule === "refuse" || kind === "volume";
    return [{ kind, field, rule, isShown, values: fixed ? [values[0], values[0]] : values }];
  }),
);
const labelOf = ({ kind, field }: Case) => `${kind}-${field.toLowerCase()}`;
const nameOf = (one: Case, turn: 0 | 1) =>
  one.field === "name" ? String(one.values[turn]) : labelOf(one);

/** The inputs of a case as a program writes them; secrets marked. */
function inputsOf(one: Case, turn: 0 | 1): Record<string, unknown> {
  const { kind, field, values } = one;
  const beside = kind === "container" ? containerBeside[field as keyof typeof containerBeside] : {};
  const job = field === "job" ? { command: ["true"] } : {};
  const spec = check(typeOf(kind) as never, {
    ...(kind === "container" ? { image: "x", ...job } : {}),
    ...{ ...beside, name: nameOf(one, turn), [field]: values[turn] },
  }) as Record<string, unknown>;
  const entries = Object.entries(spec).flatMap(([name, value]) => {
    const property = inputOf(OBJECTS[kind], name);
    if (!property || value === undefined || name === "image") return [];
    return [[name, marked(written(kind, property, value))]];
  });
  return Object.fromEntries(entries);
}

function marked(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value.constructor.name === "Sealed") return { $secret: (value as { value: string }).value };
  if (value instanceof Secret) return { $secret: value.reveal() };
  if (Array.isArray(value)) return value.map(marked);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, marked(one)]));
}

const PROGRAM = `
const { readFileSync } = require("node:fs");
const front = new fairlead.Network("front", { host, name: "front" });
const opened = (value) => {
  if (typeof value !== "object" || value === null) return value;
  if ("$secret" in value) return pulumi.secret(value.$secret);
  if (Array.isArray(value)) return value.map(opened);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, opened(one)]));
};
const other = { host, name: "beside", mounts: [{ type: "bind", source: "/usr", target: "/d" }] };
const beside = new fairlead.Container("beside", { ...quick, ...other });
for (const { kind, name, inputs, options } of JSON.parse(readFileSync("cases.json"))) {
  // No engine shows how long it was waited for.
  const { settle, ...seen } = quick;
  const more = kind !== "Container" ? { host } : options.import ? seen : quick;
  const behind = { dependsOn: [front, beside], ...options };
  new fairlead[kind](name, { ...more, ...opened(inputs) }, behind);
}`;

describe.skipIf(why !== undefined)("every field through Pulumi", { timeout: 600_000 }, () => {
  const host = new DockerHost();
  beforeAll(() => host.start());
  afterAll(() => host.stop());

  function write(turn: 0 | 1, some: Case[], options: (one: Case) => object = () => ({})): void {
    const all = some.map((one) => ({
      ...{ kind: OBJECTS[one.kind].name, name: labelOf(one), inputs: inputsOf(one, turn) },
      options: options(one),
    }));
    writeFileSync(join(host.program.folder, "cases.json"), JSON.stringify(all));
  }
  async function up() {
    const outcome = await host.engine.up(host.program);
    expect(outcome.errors).toEqual([]);
    return outcome;
  }

  test("is made, and then is the same", async () => {
    host.says(PROGRAM);
    write(0, cases);
    await up();
    expect(doing((await up()).steps)).toEqual([]);
  });

  test("is edited as its rule says, and then is the same", async () => {
    write(1, cases);
    const preview = await host.engine.preview(host.program);
    expect(preview.errors).toEqual([]);
    for (const one of cases) {
      const [before, after] = [inputsOf(one, 0), inputsOf(one, 1)];
      const detail = preview.diffs[labelOf(one)]?.detail ?? {};
      const edited = JSON.stringify(before[one.field]) !== JSON.stringify(after[one.field]);
      const paths = Object.keys(detail);
      if (!edited) expect({ [labelOf(one)]: detail }).toEqual({ [labelOf(one)]: {} });
      else expect([labelOf(one), paths.some((path) => path.startsWith(one.field))]).toContain(true);
      // A network under its name is made anew in its place.
      const replaces = one.field === "name";
      const kinds = Object.values(detail).filter((kind) => kind.endsWith("replace"));
      if (edited) expect([labelOf(one), kinds.length > 0]).toEqual([labelOf(one), replaces]);
    }
    await up();
    expect(doing((await up()).steps)).toEqual([]);
  });

  test("is imported without a difference", async () => {
    const seen = cases.filter(({ isShown }) => isShown);
    for (const one of seen) host.engine.resources.delete(host.engine.of(labelOf(one)).urn);
    write(1, seen, (one) => ({ import: `here/${nameOf(one, 1)}` }));
    const { steps } = await up();
    expect(steps.filter((step) => step.startsWith("import")).length).toBe(seen.length);
    expect(doing((await up()).steps)).toEqual([]);
  });

  test("is destroyed, all but the data of volumes", async () => {
    expect((await host.engine.destroy()).errors).toEqual([]);
    const left = await host.names();
    expect(left.filter((name) => !name.startsWith("volume-") && name !== "shop_data")).toEqual([]);
  });
});
