// A kind that no product file knows, a timed job, and a host that exists in memory only: what one
// more kind consists of, its folder and its two lines.
import * as z from "zod";
import type { EngineClient } from "../../providers/engine/engine.ts";
import type { Lifecycle } from "../../providers/engine/lifecycle/lifecycle.ts";
import { registerLifecycle } from "../../providers/engine/lifecycle/registry.ts";
import { type Kind, registerKind } from "../../resources/kinds/registry.ts";
import { line, stringMap } from "../../resources/model/scalars.ts";
import { field, required } from "../../resources/model/schema.ts";
import { changeOf } from "../../resources/plan/diff.ts";
import {
  changesBy,
  type Facet,
  isOneOf,
  labelsFacet,
  normalBy,
  shownBy,
} from "../../resources/plan/facet.ts";
import type { KindEntry } from "../../resources/plan/kind.ts";
import { planLabelled } from "../../resources/plan/labelled.ts";
import { ALL_CAPABILITIES, type ObservedHost } from "../../resources/plan/observed.ts";
import { ownerOf, ownershipLabels, userLabels } from "../../resources/plan/ownership.ts";

/** As the compiler of the product would know it, were it there. */
export const JOB = "job" as Kind;

const job = z.strictObject({
  name: field(line, "replace", "Name on the host."),
  schedule: required(line, "update", "When it runs."),
  container: field(line, "replace", "In which container."),
  after: field(line, "replace", "Another job that must be there first."),
  zone: field(line, "update", "Time zone of the schedule.", { default: "UTC" }),
  labels: field(stringMap, "update", "Labels."),
});
type Job = z.output<typeof job>;

export interface SeenJob {
  id: string;
  name: string;
  schedule: string;
  container?: string | undefined;
  after?: string | undefined;
  zone: string;
  labels: Record<string, string>;
}
type Text = "name" | "schedule" | "container" | "after" | "zone";

const text = (key: Text): Facet<string, SeenJob, Partial<SeenJob>> => ({
  write: (value, into) => {
    into[key] = value;
  },
  normal: (value) => value,
  read: (seen) => seen[key],
  compare: "whole",
});

const jobFacets = {
  name: text("name"),
  schedule: text("schedule"),
  container: text("container"),
  after: text("after"),
  zone: { ...text("zone"), clear: "UTC", isUnset: isOneOf("UTC") },
  labels: labelsFacet<SeenJob>(({ labels }) => userLabels(labels)),
};

export const jobKind: KindEntry<Job, SeenJob> = {
  ...{ kind: "job", title: "Job", doc: "A timed job on a host.", about: "A timed job." },
  ...{ example: "backup", sample: { name: "backup", spec: { schedule: "0 3 * * *" } } },
  ...{ type: job, facets: jobFacets, join: "-" },
  facts: [
    {
      name: "jobId",
      doc: "Id of the job on the host.",
      ...{ type: "text", changes: "withObject", isId: true, of: ({ id }) => id },
    },
  ],
  ...{ owned: true, holdsData: false, replaces: true, runs: true },
  placed: (spec, nameOf) => ({
    ...spec,
    ...(spec.container && { container: nameOf("container", spec.container) ?? spec.container }),
    ...(spec.after && { after: nameOf("job", spec.after) ?? spec.after }),
  }),
  needs: ({ container, after }) => [
    ...(container ? [{ kind: "container", object: container }] : []),
    ...(after ? [{ kind: "job", object: after }] : []),
  ],
  seenOn: ({ others }) => (others?.job ?? []) as SeenJob[],
  find: (host, name) => jobKind.seenOn(host).find((one) => one.name === name),
  ...{ nameOf: ({ name }) => name, idOf: ({ id }) => id, labelsOf: ({ labels }) => labels },
  normal: (spec) => normalBy(jobFacets, spec),
  shown: (seen) => shownBy(jobFacets, seen),
  diff: (spec, seen, context) => {
    const sides = { desired: jobKind.normal(spec), seen, labels: seen.labels };
    return changeOf(changesBy(job, jobFacets, sides, context));
  },
  plan: (draft, resource) => planLabelled(draft, resource, jobKind),
};

/** The jobs of a host. */
export class JobHost {
  readonly jobs = new Map<string, SeenJob>();
  /** What was done, in order. */
  readonly done: string[] = [];

  /** As much of an engine as jobs need. */
  readonly engine = {
    ...{ host: "a", engine: "fairlead", version: "1", apiVersion: "1.51", can: ALL_CAPABILITIES },
    observe: async () => emptyHost(),
  } as unknown as EngineClient;

  #made = 0;

  /** Nothing is there, and nothing was ever made. */
  clear(): void {
    this.jobs.clear();
    this.done.length = 0;
    this.#made = 0;
  }

  readonly #lifecycle: Lifecycle = {
    change: async ({ operation, resource, project }) => {
      const { action, object, name, objectId } = operation;
      this.done.push(`${action} ${object}`);
      if (action === "remove" || action === "replace") this.jobs.delete(objectId!);
      if (action === "remove") return undefined;
      const spec = resource?.spec as Job;
      const id = action === "update" ? objectId! : `id-${++this.#made}`;
      const made: SeenJob = {
        ...spec,
        ...{ id, name: object, zone: spec.zone ?? "UTC" },
        labels: {},
      };
      made.labels = { ...spec.labels, ...ownershipLabels(project, name, jobKind.normal(spec)) };
      this.jobs.set(id, made);
      return undefined;
    },
    hold: async ({ gate, target }) => {
      this.done.push(`${target.object} is ${gate.condition}`);
    },
    inspect: async (_engine, id) => this.jobs.get(id),
    observe: async (_engine, { project, names }) =>
      [...this.jobs.values()].filter(
        ({ name, labels }) => names.includes(name) || ownerOf(labels)?.project === project,
      ),
  };

  /** Registers the kind, with this host for all hosts; what is returned takes it away again. */
  register(): () => void {
    const forget = [registerKind(jobKind), registerLifecycle("job", this.#lifecycle)];
    return () => {
      for (const one of forget) one();
    };
  }
}

/** A host on which nothing is. */
export function emptyHost(): ObservedHost {
  const facts = { engine: "fairlead", version: "1", apiVersion: "1.51", can: ALL_CAPABILITIES };
  return { facts, containers: [], networks: [], volumes: [], images: new Map(), heldPorts: [] };
}
