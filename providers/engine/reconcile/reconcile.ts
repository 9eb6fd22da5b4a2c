// plan and apply: the two verbs of fairlead, for the command and for programs.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { PlanningOptions } from "../../../resources/plan/draft.ts";
import type { ImageTargets, ObservedHost } from "../../../resources/plan/observed.ts";
import type { Operation, Plan } from "../../../resources/plan/operation.ts";
import { addressOf } from "../../../resources/plan/resource.ts";
import { planStack } from "../../../resources/stack/plan.ts";
import { resolveStack } from "../../../resources/stack/resolve.ts";
import { checkStack, type Stack, type StackInput } from "../../../resources/stack/stack.ts";
import type { Connect, EngineClient } from "../engine.ts";
import { execute } from "../executor/executor.ts";
import { Hosts } from "../hosts/hosts.ts";
import { holdGate, perform } from "../lifecycle/perform.ts";
import { readFileSources } from "../project-files/file-source.ts";
import { type LocalFiles, type ReadFiles, readProjectFiles } from "../project-files/scan.ts";
import type { Progress } from "../report/progress.ts";
import type { Report } from "../report/report.ts";
import { buildTargets, LocalBuilds, withChangedFiles } from "../targets/build-targets.ts";
import { imageTargets } from "../targets/image-targets.ts";
import { namesDriver, observeHost, questionOf } from "./observing.ts";

export interface PlanOptions {
  /** How a host's engine is reached; by default a connection that ends with the call. */
  connect?: Connect;
  /** `down` removes what the project has; volumes stay unless asked. Default `up`. */
  direction?: "up" | "down";
  /** With `down`: removes volumes and their data too. */
  volumes?: boolean;
  /** Removes what the project owns and no longer declares. */
  removeOrphans?: PlanningOptions["removeOrphans"];
  /** Replaces containers even when nothing differs. */
  recreate?: boolean;
  /** Builds images although nothing that they are built from has changed. */
  rebuild?: boolean;
  /** Only these containers and what they need, by resource name. */
  only?: string[];
  /** Only these hosts, by name. */
  hosts?: string[];
  signal?: AbortSignal;
}

export interface ApplyOptions {
  /** How a host's engine is reached; by default a connection that ends with the call. */
  connect?: Connect;
  /** Called for every event, in order. */
  progress?: Progress;
  /** Operations at once on one host; 4 by default. */
  concurrency?: number;
  /** Containers that are made and not started, by resource name; `true` for all. */
  leaveStopped?: true | readonly string[];
  /** Seconds until a container is killed that does not stop; else each one's own. */
  stopSeconds?: number;
  /** Ends after the running requests; what is half done is finished or rolled back. */
  signal?: AbortSignal;
}

export interface ApplyResult {
  /** Ids of operations that did their work. */
  done: string[];
  /** Ids of operations that failed, with the error. */
  failed: { id: string; error: FairleadError }[];
  /** Ids of operations that did not run because another one failed or the run was cancelled. */
  notRun: string[];
  cancelled: boolean;
}

/** What must be done so that the hosts are as declared; changes nothing. */
export async function plan(stack: Stack | StackInput, options: PlanOptions = {}): Promise<Plan> {
  const read = await readHere(stack, options.direction);
  const { connect } = options;
  return connect
    ? planWith(read, connect, options)
    : withHosts(({ connectReadOnly }) => planWith(read, connectReadOnly, options));
}

/** Executes a plan; a failed operation is in the result and stops what depends on it. */
export async function apply(
  stack: Stack | StackInput,
  plan: Plan,
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const read = await readHere(stack, plan.direction);
  const { connect } = options;
  if (connect) return applyWith(read, plan, connect, options);
  return withHosts(({ connectAndInstall }) => applyWith(read, plan, connectAndInstall, options));
}

/** The stack with everything that is read on this machine; what goes down needs no files. */
async function readHere(
  stack: Stack | StackInput,
  direction: PlanOptions["direction"],
): Promise<ReadFiles> {
  const checked = checkStack(stack as StackInput);
  if (direction === "down") return { stack: checked, byHost: new Map() };
  return readProjectFiles(await readFileSources(checked));
}

async function planWith(here: ReadFiles, connect: Connect, options: PlanOptions): Promise<Plan> {
  const { stack: read, byHost } = here;
  const { signal, direction = "up" } = options;
  const resolved = resolveStack(read);
  const engines = await connectAll(read, hostsOf(read, options.hosts), connect, signal);
  const observing = [...engines].map(async ([host, engine]) => {
    const question = questionOf(read.project, resolved, host);
    const withDrivers = namesDriver(resolved, host);
    const seen = observeHost(engine, question, { withDrivers, signal });
    const found = seen.then((one) =>
      withFiles(engine, read.project, one, byHost.get(host), signal),
    );
    return [host, await found.catch((error) => failOn(host, error))] as const;
  });
  // Images are read here and asked of registries while the hosts answer.
  const builds = new LocalBuilds(resolved);
  const reading = direction === "up" ? imageTargets(resolved, engines, signal) : new Map();
  const building = direction === "up" ? buildTargets(resolved, builds, engines, signal) : new Map();
  const [fetched, built, ...seen] = await Promise.all([reading, building, ...observing]);
  const observed = new Map(seen);
  const images: ImageTargets = new Map([...fetched, ...built]);
  await withChangedFiles(images, resolved, builds, engines, observed, signal);
  const { volumes = false, removeOrphans = false, recreate = false, only } = options;
  const { rebuild = false } = options;
  const planning = { direction, volumes, removeOrphans, recreate, rebuild };
  const files = new Map([...byHost].map(([host, { manifest }]) => [host, manifest]));
  return planStack({ stack: read, observed, images, files, options: planning, only });
}

/** What is there of the project's files, entry by entry, where something may differ. */
async function withFiles(
  engine: EngineClient,
  project: string,
  seen: ObservedHost,
  wanted: LocalFiles | undefined,
  signal: AbortSignal | undefined,
): Promise<ObservedHost> {
  const { files } = seen;
  if (files === undefined || (files.clean && files.manifest === wanted?.manifest.digest))
    return seen;
  const { entries } = await engine.projectFiles.state(project, signal);
  return { ...seen, files: { ...files, entries } };
}

async function applyWith(
  { stack: read, byHost }: ReadFiles,
  plan: Plan,
  connect: Connect,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { signal, progress = () => {}, concurrency = 4, leaveStopped = [] } = options;
  const resolved = resolveStack(read);
  const resources = new Map(resolved.map((one) => [addressOf(one), one]));
  const builds = new LocalBuilds(resolved);
  const hosts = new Set([
    // One whose agent is missing or old gets its own even when nothing else is to be done there.
    ...plan.hosts.filter(({ upgrade }) => upgrade !== undefined).map(({ name }) => name),
    ...plan.operations.flatMap(({ host, waitsFor }) => [host, ...waitsFor.map((one) => one.host)]),
    ...plan.operations.flatMap(({ builtOn }) => builtOn ?? []),
  ]);
  const engines = await connectAll(read, [...hosts], connect, signal);
  const reporting = (operation: Operation): Report => {
    return (subject, text, doneBytes, totalBytes) =>
      progress({
        ...{ type: "step", operation, subject, text },
        ...(doneBytes === undefined ? {} : { doneBytes }),
        ...(totalBytes === undefined ? {} : { totalBytes }),
      });
  };
  const outcome = await execute({
    ...{ plan, engines, progress, concurrency, signal },
    perform: (operation, turn) =>
      perform({
        ...{ ...turn, project: read.project, operation, signal },
        resource: resources.get(addressOf(operation)),
        files: byHost.get(operation.host),
        engine: engines.get(operation.host)!,
        engineOf: (host) => engines.get(host)!,
        builds,
        report: reporting(operation),
        rolledBack: (message) => progress({ type: "rolledBack", operation, message }),
        removeVolumes: plan.volumes === true,
        stopSeconds: options.stopSeconds,
        leavesStopped: leaveStopped === true || leaveStopped.includes(operation.name),
      }),
    hold: (gate, operation) => {
      const target = resources.get(addressOf(gate))!;
      const engine = engines.get(gate.host)!;
      return holdGate({ gate, target, engine, report: reporting(operation), signal });
    },
  });
  return { ...outcome, cancelled: signal?.aborted === true };
}

async function withHosts<T>(work: (hosts: Hosts) => Promise<T>): Promise<T> {
  const hosts = new Hosts();
  try {
    return await work(hosts);
  } finally {
    await hosts.close();
  }
}

function hostsOf(stack: Stack, only: string[] | undefined): string[] {
  const unknown = only?.filter((name) => !Object.hasOwn(stack.hosts, name)) ?? [];
  if (unknown.length === 0) return only ?? Object.keys(stack.hosts);
  throw new FairleadError("not_found", `there is no host ${unknown.join(", ")}`, {
    hint: `Declared are ${Object.keys(stack.hosts).join(", ")}.`,
  });
}

// All at once, and every host that cannot be reached is named. Unreachable is never gone: without
// an answer of each host there is no plan.
async function connectAll(
  stack: Stack,
  hosts: string[],
  connect: Connect,
  signal: AbortSignal | undefined,
): Promise<Map<string, EngineClient>> {
  const answers = await Promise.allSettled(
    hosts.map(async (host) => {
      const spec = stack.hosts[host];
      if (spec) {
        const engine = connect(host, spec, signal);
        return [host, await engine.catch((error) => failOn(host, error))] as const;
      }
      throw new FairleadError("invalid", `the host ${host} of the plan is not in the stack`);
    }),
  );
  signal?.throwIfAborted();
  const failed = answers.filter((one) => one.status === "rejected").map(({ reason }) => reason);
  if (failed.length === 1) throw failed[0];
  if (failed.length > 1) {
    const message = failed.map((error) => (error as Error).message).join("\n");
    const code = failed[0] instanceof FairleadError ? failed[0].code : "unavailable";
    throw new FairleadError(code, message, { cause: new AggregateError(failed) });
  }
  return new Map(answers.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
}

/** Throws an error of a host, which begins with the name that the stack has for it. */
function failOn(host: string, error: unknown): never {
  if (error instanceof FairleadError && !error.message.startsWith(`${host}:`)) {
    error.message = `${host}: ${error.message}`;
  }
  throw error;
}
