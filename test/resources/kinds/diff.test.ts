import { describe, expect, test } from "vitest";
import { diffContainer } from "../../../resources/kinds/container/change/diff.ts";
import { type ContainerInput, container } from "../../../resources/kinds/container/container.ts";
import { diffNetwork } from "../../../resources/kinds/network/kind.ts";
import { type NetworkInput, network } from "../../../resources/kinds/network/network.ts";
import { diffVolume } from "../../../resources/kinds/volume/kind.ts";
import { type VolumeInput, volume } from "../../../resources/kinds/volume/volume.ts";
import type { Change } from "../../../resources/model/change.ts";
import { check, fieldsOf } from "../../../resources/model/schema.ts";
import { secret } from "../../../resources/model/secret.ts";
import { containerBeside, containerEdits, networkEdits, volumeEdits } from "./edits.ts";
import {
  IMAGE_ID,
  inspectedContainer,
  inspectedNetwork,
  inspectedVolume,
  PROJECT,
} from "./inspected.ts";

type Seen = ReturnType<typeof inspectedContainer>;

function diff(input: ContainerInput, seen: Seen, editsLabels = true): Change {
  const spec = { name: "shop-web", ...check(container, input) };
  return diffContainer(spec, seen, {
    ...{ project: PROJECT, name: "web", editsLabels, imagePending: false },
    ...{ imageId: IMAGE_ID, ownNetworks: new Set<string>() },
  });
}

const diffNet = (input: NetworkInput, seen = inspectedNetwork({})) =>
  diffNetwork({ name: "shop_front", ...check(network, input) }, seen, {
    ...{ project: PROJECT, name: "front", editsLabels: true },
  });
const diffVol = (input: VolumeInput, seen = inspectedVolume({}), editsLabels = true) =>
  diffVolume({ name: "shop_data", ...check(volume, input) }, seen, {
    ...{ project: PROJECT, name: "data", editsLabels },
  });
const summary = (change: Change) =>
  "fields" in change
    ? [change.action, ...change.fields.map(({ field, cause }) => `${field} ${cause}`)].join(" ")
    : change.action;

describe("every field of a container", () => {
  const image = { image: "app:1" };
  for (const [name, { rule }] of fieldsOf(container)) {
    if (name === "image") continue;
    const field = name as keyof typeof containerEdits;
    const beside = { ...image, ...containerBeside[field] };
    const [before, after] = containerEdits[field].map((value) => ({ ...beside, [field]: value }));

    test(`${name} as it was made is unchanged, also from its inspection alone`, () => {
      const seen = inspectedContainer(before!);
      expect(summary(diff(before!, seen))).toBe("unchanged");
      if (field === "files" || field === "platform") return;
      const { Labels: _gone, ...Config } = seen.Config!;
      const labels = field === "labels" ? { tier: "a" } : {};
      const adopted = { ...seen, Config: { ...Config, Labels: labels } };
      expect(summary(diff(before!, adopted))).toBe("unchanged");
    });

    test(`an edit of ${name} is ${rule}`, () => {
      const seen = inspectedContainer(before!);
      const change = diff(after!, seen);
      if (rule === "policy") expect(change.action).toBe("unchanged");
      else {
        expect(change.action).toBe(rule);
        const fields = (change as { fields: { field: string; cause: string }[] }).fields;
        expect(fields.every((one) => one.field.split(".")[0] === name)).toBe(true);
        expect(fields.every(({ cause }) => cause === "declared")).toBe(true);
      }
      expect(JSON.stringify(change)).not.toMatch(/"(one|two)"/);
    });

    test(`taking ${name} away is seen, and a field that was never there is not`, () => {
      const change = diff(beside as ContainerInput, inspectedContainer(before!));
      const harmless = ["policy"].includes(rule) || ["name"].includes(name);
      const inert = summary(
        diff(beside as ContainerInput, inspectedContainer(beside as ContainerInput)),
      );
      expect(inert).toBe("unchanged");
      if (!harmless && !atDefault.has(name)) expect(change.action).not.toBe("unchanged");
    });
  }
  // Their first value is what a running container is brought back to.
  const atDefault = new Set(["restart"]);
});

describe("the diff of a container", () => {
  const base: ContainerInput = { image: "app:1", env: { A: "1", B: "2" }, cpus: 1 };

  test("removed keys are seen, and what image and engine add is not", () => {
    const seen = inspectedContainer(base);
    expect(summary(diff({ ...base, env: { A: "1" } }, seen))).toBe("replace env.B declared");
    expect(summary(diff({ image: "app:1" }, seen))).toBe(
      "replace env.A declared env.B declared cpus declared",
    );
  });

  test("a change by hand is drift, with what is there and what shall be", () => {
    const seen = inspectedContainer(base);
    seen.HostConfig!.NanoCpus = 2e9;
    expect(diff(base, seen)).toEqual({
      action: "update",
      fields: [{ field: "cpus", from: 2, to: 1, rule: "update", cause: "drift" }],
    });
  });

  test("another image under the same name replaces, an unknown one does when it is pulled", () => {
    const seen = inspectedContainer(base);
    const spec = { name: "shop-web", ...check(container, base) };
    const context = { project: PROJECT, name: "web", editsLabels: true, ownNetworks: new Set("") };
    const imageId = `sha256:${"b".repeat(64)}`;
    expect(diffContainer(spec, seen, { ...context, imageId, imagePending: false })).toMatchObject({
      action: "replace",
      fields: [
        { field: "image", from: "app:1 sha256:aaaaaaaaaaaa", to: "app:1 sha256:bbbbbbbbbbbb" },
      ],
    });
    const pending = { ...context, imageId: undefined };
    expect(diffContainer(spec, seen, { ...pending, imagePending: true }).action).toBe("replace");
    expect(diffContainer(spec, seen, { ...pending, imagePending: false }).action).toBe("unchanged");
  });

  test("networks are joined and left live; those of others are let be", () => {
    const seen = inspectedContainer({ image: "app:1", networks: { front: {}, back: {} } });
    seen.NetworkSettings!.Networks!.guest = {};
    const change = diff({ image: "app:1", networks: { front: { aliases: ["x"] }, new: {} } }, seen);
    expect(summary(change)).toBe(
      "update networks.back declared networks.front declared networks.new declared",
    );
    expect(diff({ image: "app:1" }, seen).action).toBe("replace");
    const bridged = inspectedContainer({ image: "app:1" });
    expect(diff({ image: "app:1", networks: { front: {} } }, bridged).action).toBe("replace");
  });

  test("a label is edited where the engine can, and else replaces", () => {
    const seen = inspectedContainer({ image: "app:1", labels: { a: "1" } });
    expect(diff({ image: "app:1", labels: { a: "2" } }, seen, true).action).toBe("update");
    expect(diff({ image: "app:1", labels: { a: "2" } }, seen, false).action).toBe("replace");
  });

  test("a variable kept in the clear by an older version is as declared as a secret", () => {
    const seen = inspectedContainer({ image: "app:1", env: { KEY: "hush1", MODE: "a" } });
    const as = (value: string) =>
      diff({ image: "app:1", env: { KEY: secret(value), MODE: "a" } }, seen);
    expect(as("hush1").action).toBe("unchanged");
    expect(JSON.stringify(as("hush2"))).not.toContain("hush");
    expect(summary(as("hush2"))).toBe("replace env.KEY declared");
  });

  test("a secret never shows, also when the host shows another one", () => {
    const seen = inspectedContainer({ image: "app:1", env: { KEY: secret("hush1") } });
    for (const env of [{ KEY: secret("hush2") }, {}]) {
      expect(JSON.stringify(diff({ image: "app:1", env }, seen))).not.toContain("hush");
    }
    expect(JSON.stringify(seen.Config!.Labels)).not.toContain("hush");
  });
});

describe("every field of a network and a volume", () => {
  for (const [name, { rule }] of fieldsOf(network)) {
    test(`an edit of a network's ${name} is ${rule}`, () => {
      const [before, after] = networkEdits[name as keyof typeof networkEdits];
      const seen = inspectedNetwork({ [name]: before });
      expect(summary(diffNet({ [name]: before }, seen))).toBe("unchanged");
      expect(diffNet({ [name]: after }, seen).action).toBe(rule);
    });
  }
  for (const [name, { rule }] of fieldsOf(volume)) {
    test(`an edit of a volume's ${name} is ${rule}`, () => {
      const [before, after] = volumeEdits[name as keyof typeof volumeEdits];
      const seen = inspectedVolume({ [name]: before });
      expect(summary(diffVol({ [name]: before }, seen))).toBe("unchanged");
      expect(diffVol({ [name]: after }, seen).action).toBe(rule);
      const rigid = diffVol({ [name]: after }, seen, false);
      expect(rigid).toMatchObject({ action: "refuse", error: { code: "conflict" } });
    });
  }
});
