// Edits labels of what exists, where the engine can: the user's as planned, and fairlead's own.
import type { Operation } from "../../../resources/plan/operation.ts";
import type { LabelsRequest } from "../../../resources/wire.ts";
import type { EngineClient } from "../engine.ts";

/** Sets the labels of the spec and of ownership, and takes away those the plan says are gone. */
export async function editLabels(
  engine: EngineClient,
  kind: LabelsRequest["kind"],
  operation: Operation,
  declared: Record<string, string> | undefined,
  own: Record<string, string>,
  signal: AbortSignal | undefined,
  expects?: LabelsRequest["expects"],
): Promise<void> {
  // The plan never asks another engine for this: there a label edit replaces or is refused.
  if (!engine.can.editsLabels) return;
  const removed = operation.changes
    .filter(({ field, to }) => field.startsWith("labels.") && to === undefined)
    .map(({ field }) => [field.slice("labels.".length), null]);
  const labels = { ...Object.fromEntries(removed), ...declared, ...own };
  const request = { kind, id: operation.objectId!, labels, ...(expects && { expects }) };
  await engine.relabel(request, signal);
}
