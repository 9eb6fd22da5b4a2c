// What a plan does about the files of the project's own folder.
import { describe, expect, test } from "vitest";
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  type ObservedHost,
} from "../../../resources/plan/observed.ts";
import type { Plan } from "../../../resources/plan/operation.ts";
import {
  FILES_LABEL,
  type OnChange,
  projectSource,
} from "../../../resources/plan/project-files.ts";
import { planStack } from "../../../resources/stack/plan.ts";
import { checkStack, type ResourceInput } from "../../../resources/stack/stack.ts";
import { IMAGE_ID, inspectedContainer } from "../kinds/inspected.ts";

const container = (name: string, spec: Partial<ContainerInput>): ResourceInput => ({
  ...{ kind: "container", host: "a", name, spec: { image: "app:1", ...spec } },
});

function bare(more: Partial<ObservedHost> = {}): ObservedHost {
  return {
    facts: { engine: "fairlead", version: "1", apiVersion: "1.51", can: ALL_CAPABILITIES },
    ...{ containers: [], networks: [], volumes: [], images: new Map(), heldPorts: [] },
    ...more,
  };
}

const there = () => new Map([["app:1", { Id: IMAGE_ID }]]) as unknown as ObservedHost["images"];
const ids = (plan: Plan) => plan.operations.map(({ id }) => id.replace(/^a\//, ""));
const seen = (name: string, input: ContainerInput) => inspectedContainer(input, name);

describe("files of the project", () => {
  const sha = (letter: string) => `sha256:${letter.repeat(64)}`;
  const file = (path: string, letter: string, more: object = {}) => ({
    ...{ type: "file" as const, path, keep: false, mode: 0o644, uid: 0, gid: 0, size: 1 },
    ...{ digest: sha(letter), ...more },
  });
  const given = (digest: string, onChange: OnChange) => ({
    ...container("web", {
      mounts: [{ type: "bind", source: projectSource("shop", "here/conf"), target: "/conf" }],
    }),
    given: {
      places: [{ path: "here/conf", writable: false }],
      digests: { "here/conf": { digest, onChange } },
    },
  });
  const planned = (
    resource: ResourceInput,
    host: ObservedHost,
    entries = [file("here/conf", "b")],
  ) =>
    planStack({
      stack: checkStack({ project: "shop", hosts: { a: "local" }, resources: [resource] }),
      observed: new Map([["a", host]]),
      images: new Map(),
      files: new Map([["a", { digest: sha("f"), entries }]]),
      options: { direction: "up", volumes: false, removeOrphans: true, recreate: false },
    });
  const mounted = () => {
    const one = seen("web", given("", "none").spec as ContainerInput);
    one.Config!.Labels![FILES_LABEL] = JSON.stringify({ "here/conf": "old" });
    return one;
  };
  const host = (more: object = {}, entry = file("here/conf", "a")) =>
    bare({
      ...{ containers: [mounted()], images: there() },
      files: { manifest: sha("e"), clean: true, entries: [{ ...entry, changed: false, ...more }] },
    });

  test.each<[OnChange, string[]]>([
    ["recreate", ["files/shop deliver", "container/web replace"]],
    ["restart", ["files/shop deliver", "container/web restart"]],
    ["signal HUP", ["files/shop deliver", "container/web signal"]],
    ["none", ["files/shop deliver"]],
  ])("mean %s to a container when they change", (onChange, expected) => {
    const plan = planned(given("new", onChange), host());
    expect(ids(plan)).toEqual(expected);
    expect(plan.operations[0]?.changes.map(({ field }) => field)).toEqual(["files.conf"]);
    if (expected[1]) expect(plan.operations[1]?.dependsOn).toContain("a/files/shop deliver");
  });

  test("are answered for again when a run ended between the delivery and its answer", () => {
    const delivered = host({}, file("here/conf", "b"));
    delivered.files!.manifest = sha("f");
    expect(ids(planned(given("new", "recreate"), delivered))).toEqual(["container/web replace"]);
    expect(ids(planned(given("old", "recreate"), delivered))).toEqual([]);
  });

  test("that a container has changed are its own, unless it may not write there", () => {
    const entries = [file("here/conf", "b", { keep: true })];
    const changed = { changed: true, now: sha("c"), keep: true };
    const plan = planned(given("old", "none"), host(changed), entries);
    expect(plan.notes).toEqual([expect.stringMatching(/^conf changed here and in the container/)]);
    const unchangedHere = planned(given("old", "none"), host(changed), [
      file("here/conf", "a", { keep: true }),
    ]);
    expect(unchangedHere.notes).toEqual([]);
    const drift = planned(given("old", "none"), host({ changed: true, now: sha("c") }), [
      file("here/conf", "a"),
    ]);
    expect(drift.operations[0]?.changes).toMatchObject([{ field: "files.conf", cause: "drift" }]);
  });

  test("are refused at plan by an engine that cannot have them", () => {
    const facts = { engine: "docker", version: "28", apiVersion: "1.51", can: NO_CAPABILITIES };
    const other = bare({ facts });
    expect(() => planned(given("new", "recreate"), other)).toThrow(
      /mounts\[0\].*docker cannot be given files of the project's folder/,
    );
  });
});
