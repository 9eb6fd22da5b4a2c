// Every field of a container, a network and a volume on a real engine: applied, edited, applied
// again. The edit is there afterwards, or was refused with a sentence; then nothing is left to do.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apply, plan } from "../../../../providers/engine/reconcile/reconcile.ts";
import { type ContainerInput, container } from "../../../../resources/kinds/container/container.ts";
import {
  containerFacets,
  type FacetField,
} from "../../../../resources/kinds/container/docker/container.ts";
import { network } from "../../../../resources/kinds/network/network.ts";
import { volume } from "../../../../resources/kinds/volume/volume.ts";
import { masked } from "../../../../resources/model/canonical.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { InvalidDeclaration } from "../../../../resources/model/problem.ts";
import { check, fieldsOf } from "../../../../resources/model/schema.ts";
import type { ResourceInput, StackInput } from "../../../../resources/stack/stack.ts";
import {
  containerBeside,
  containerEdits,
  networkEdits,
  volumeEdits,
} from "../../../resources/kinds/edits.ts";
import { asked } from "./asked.ts";
import type { EngineCase, Refusal } from "./engine.ts";

interface Refused {
  by: "plan" | "up";
  error: Error;
}

/** The suite against one engine. */
export function tryEveryField({ name: engine, missing, make, refusals }: EngineCase): void {
  const why = missing === undefined ? "" : ` (skipped: ${missing})`;
  describe.skipIf(missing !== undefined)(`an edit on ${engine}${why}`, () => {
    const host = make();
    beforeAll(() => host.start());
    afterAll(() => host.stop());

    const image = (): ResourceInput => ({
      ...{ kind: "image", host: "here", name: "app" },
      spec: { name: "fairlead/app:1", rootfs: host.rootfs, config: { command: ["sleep", "600"] } },
    });
    const stackOf = (project: string, resources: ResourceInput[]): StackInput => ({
      ...{ project, hosts: { here: "local" }, resources },
    });
    const planOf = (stack: StackInput) => plan(stack, { connect: host.connect });
    /** What refuses it, and whether before anything was done. */
    async function refusedUp(stack: StackInput): Promise<Refused | undefined> {
      const made = await planOf(stack).catch((error: Error) => error);
      if (made instanceof Error) return { by: "plan", error: made };
      const { failed } = await apply(stack, made, { connect: host.connect });
      return failed[0] && { by: "up", error: failed[0].error };
    }
    async function up(stack: StackInput): Promise<void> {
      const refused = await refusedUp(stack);
      if (refused) throw refused.error;
    }
    async function down(stack: StackInput): Promise<void> {
      const options = { connect: host.connect, direction: "down" as const, volumes: true };
      await apply(stack, await plan(stack, options), options);
    }

    async function checkEdit(
      [before, after]: [StackInput, StackInput],
      refusal: Refusal | undefined,
      look: () => Promise<void>,
    ): Promise<void> {
      try {
        const atOnce = await refusedUp(before);
        if (!atOnce) expect((await planOf(before)).operations).toEqual([]);
        const refused = atOnce ?? (await refusedUp(after));
        if (refused || (refusal && !refusal.may)) {
          if (!refusal) throw refused?.error;
          const { by = "plan", error } = refused ?? {};
          expect({ by, message: error?.message }).toEqual({
            by: expect.stringMatching(refusal.up ? /plan|up/ : /plan/),
            message: expect.stringMatching(refusal[by] ?? /is not refused there/),
          });
          expect(error).toBeInstanceOf(by === "plan" ? InvalidDeclaration : FairleadError);
          // What was there before is there as it was.
          if (!atOnce) expect((await planOf(before)).operations).toEqual([]);
          return;
        }
        await look();
        expect((await planOf(after)).operations).toEqual([]);
      } finally {
        await down(before);
      }
    }

    // A container that ends at once when it is told to, and the network that some fields need.
    const base: Partial<ContainerInput> = { init: true, stopGracePeriod: "1s", settle: "100ms" };
    const beside: ResourceInput = {
      ...{ kind: "container", host: "here", name: "beside" },
      spec: { image: "app", ...base, name: "beside", mounts: [{ type: "volume", target: "/d" }] },
    };
    const front: ResourceInput = { kind: "network", host: "here", name: "front", spec: {} };

    for (const name of fieldsOf(container).keys()) {
      if (name === "image") continue;
      const field = name as keyof typeof containerEdits;
      test.concurrent(`of a container's ${name}`, async () => {
        const project = `fields-${field.toLowerCase()}`;
        const stacks = containerEdits[field].map((value) => {
          const spec = { image: "app", ...base, ...containerBeside[field], [field]: value };
          const one: ResourceInput = { kind: "container", host: "here", name: "web", spec };
          const needed = { networks: [front], volumesFrom: [beside], links: [beside] };
          const more = field in needed ? needed[field as keyof typeof needed] : [];
          return stackOf(project, [image(), ...more, one]);
        });
        const pair = stacks as [StackInput, StackInput];
        await checkEdit(pair, refusals.container[field], async () => {
          const object = field === "name" ? "shop-b" : `${project}-web`;
          await expectField(object, field, containerEdits[field][1]);
        });
      });
    }

    async function expectField(object: string, field: string, value: unknown): Promise<void> {
      const seen = await host.engine.containers.inspect(object);
      if (field === "files") {
        const [file] = value as { target: string; content: string }[];
        expect(await host.docker("exec", object, "cat", file!.target)).toBe(file!.content);
        return;
      }
      const facet = containerFacets[field as FacetField];
      if (!facet || facet.isHidden || field === "networks") return;
      const spec = check(container, {
        image: "app",
        ...containerBeside[field as keyof typeof containerBeside],
        [field]: value,
      });
      const wanted = facet.normal(spec[field as FacetField]);
      const shown = facet.read(seen);
      if (facet.compare === "keys") expect(shown).toMatchObject(plain(wanted) as object);
      else expect(masked(shown)).toEqual(masked(wanted));
    }

    // Secrets are compared in the clear here: the engine shows them, the declaration does not.
    function plain(value: unknown): unknown {
      if (typeof value !== "object" || value === null) return value;
      if ("reveal" in value && typeof value.reveal === "function") return value.reveal();
      if (Array.isArray(value)) return value.map(plain);
      const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
      return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
    }

    for (const name of fieldsOf(network).keys()) {
      const field = name as keyof typeof networkEdits;
      test.concurrent(`of a network's ${name}, with a container in it`, async () => {
        const project = `nets-${field.toLowerCase()}`;
        const pair = networkEdits[field].map((value) => {
          const spec = { [field]: value };
          const spec2 = { image: "app", ...base, networks: { front: { aliases: ["w"] } } };
          return stackOf(project, [
            image(),
            { kind: "network", host: "here", name: "front", spec },
            { kind: "container", host: "here", name: "web", spec: spec2 },
          ]);
        }) as [StackInput, StackInput];
        await checkEdit(pair, refusals.network[field], async () => {
          const seen = JSON.parse(await host.docker("inspect", `${project}-web`))[0];
          const joined = Object.keys(seen.NetworkSettings.Networks);
          expect(joined).toEqual([field === "name" ? "shop_other" : `${project}_front`]);
        });
      });
    }

    for (const [title, { kind, spec, path, shown }] of Object.entries(asked)) {
      test.concurrent(`that asks for ${title} is refused by the plan, or honoured`, async () => {
        const project = `asked-${title.replaceAll(/[^a-z]+/g, "-")}`;
        const own = kind === "container" ? { image: "app", ...base, ...spec } : spec;
        const one = { kind, host: "here", name: "one", spec: own } as ResourceInput;
        const stack = stackOf(project, kind === "container" ? [image(), one] : [one]);
        const refusal = await planOf(stack).catch((error: unknown) => error as Error);
        if (refusal instanceof Error) {
          expect(refusal).toBeInstanceOf(InvalidDeclaration);
          const { problems } = refusal as InvalidDeclaration;
          expect(problems.map((problem) => problem.path)).toEqual([`${kind}s.one.${path}`]);
          return;
        }
        try {
          await up(stack);
          const object = `${project}${kind === "container" ? "-" : "_"}one`;
          const seen = JSON.parse(await host.docker("inspect", "--type", kind, object))[0];
          expect(seen).toMatchObject(shown);
        } finally {
          await down(stack);
        }
      });
    }

    for (const name of fieldsOf(volume).keys()) {
      const field = name as keyof typeof volumeEdits;
      test.concurrent(`of a volume's ${name} keeps the data, or is refused`, async () => {
        const pair = volumeEdits[field].map((value) =>
          stackOf(`vols-${field.toLowerCase()}`, [
            { kind: "volume", host: "here", name: "data", spec: { [field]: value } },
          ]),
        ) as [StackInput, StackInput];
        await checkEdit(pair, refusals.volume[field], async () => {});
      });
    }
  });
}
