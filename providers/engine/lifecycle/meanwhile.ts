// Two runs at once: the one that comes second says that another changed the container, and who.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Operation } from "../../../resources/plan/operation.ts";
import { CHANGED_LABEL, revisionOf } from "../../../resources/plan/ownership.ts";
import { ifThere } from "../allowing.ts";
import { growingPauses, pause } from "../concurrency/pause.ts";
import { FailureWithEvidence } from "../report/evident-failure.ts";
import { isMadeHere, makerOf } from "./made.ts";
import type { Task } from "./task.ts";

const CODES = new Set(["conflict", "not_found"]);
/** So long is another run given to finish what would say who it is. */
const FINISH_MS = 5_000;

/** The name under which a container is kept while another takes its place. */
export function asideName(object: string, id: string): string {
  return `${object.slice(0, 100)}.old-${id.slice(0, 12)}`;
}

/** The error of an operation on a container, in the words of what really happened. */
export async function explained(task: Task, error: unknown): Promise<unknown> {
  if (task.signal?.aborted) return error;
  if (error instanceof FailureWithEvidence || !(error instanceof FairleadError)) return error;
  if (!CODES.has(error.code)) return error;
  // What cannot be found out leaves the error as it is.
  return (await changedMeanwhile(task, error).catch(() => undefined)) ?? error;
}

/** Throws `conflict` when the container is not the one that the plan was made for. */
export function checkNotAside(task: Task, seen: ContainerInspectResponse): void {
  if (nameOf(seen) !== asideName(task.operation.object, seen.Id ?? "")) return;
  throw new FairleadError("conflict", `${task.operation.object} is being replaced`);
}

async function changedMeanwhile(task: Task, cause: FairleadError) {
  const { engine, operation } = task;
  const { object, objectId } = operation;
  const inspect = (reference: string) => ifThere(engine.containers.inspect(reference));
  let other = await inspect(object);
  if (objectId !== undefined) {
    const planned = await inspect(objectId);
    if (planned && isOtherRevision(operation, planned)) {
      return changedBy(engine.host, object, makerOf(planned, CHANGED_LABEL), cause);
    }
    const isAside = planned && nameOf(planned) === asideName(object, objectId);
    if (planned && !isAside) return undefined;
  } else if (!other) return undefined;
  const pauses = growingPauses(100, 1000);
  for (const endsAt = Date.now() + FINISH_MS; !other && Date.now() < endsAt; ) {
    await pause(pauses.next().value, task.signal);
    other = await inspect(object);
  }
  if (other && (other.Id === objectId || isMadeHere(other))) return undefined;
  return changedBy(engine.host, object, other && makerOf(other), cause);
}

function isOtherRevision({ revision }: Operation, seen: ContainerInspectResponse): boolean {
  return revision !== undefined && revisionOf(seen.Config?.Labels) !== revision;
}

function changedBy(host: string, object: string, maker: string | undefined, cause: FairleadError) {
  const whom = maker === undefined ? "another run or person" : `another run (${maker})`;
  const message = `${host}: ${object} was changed meanwhile by ${whom}`;
  const hint = "Run the command again: it plans from what is there now.";
  return new FairleadError("conflict", message, { hint, cause });
}

function nameOf(seen: ContainerInspectResponse): string {
  return (seen.Name ?? "").replace(/^\//, "");
}
