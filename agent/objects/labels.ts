// Edits of labels, which are metadata: nothing restarts. Pure.
import { FairleadError } from "../../resources/model/errors.ts";
import type { LabelsRequest } from "../../resources/wire.ts";

/** Which labels change, and which must be as told before. */
export type LabelEdits = Pick<LabelsRequest, "labels" | "expects">;

/**
 * The labels of an object with each edit applied: a text sets, null takes away, the others stay.
 * Throws `conflict` when one is not as the edit expects it.
 */
export function editLabels(
  name: string,
  labels: Readonly<Record<string, string>>,
  { labels: edits, expects = {} }: LabelEdits,
): Record<string, string> {
  for (const [label, value] of Object.entries(expects)) {
    if ((labels[label] ?? null) === value) continue;
    throw new FairleadError("conflict", `${name}: the label ${label} was changed`);
  }
  const all = Object.entries({ ...labels, ...edits });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}
