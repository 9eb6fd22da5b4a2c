// Edits of labels, which are metadata: nothing restarts. Pure.

export type LabelEdits = Readonly<Record<string, string | null>>;

/** The labels with each edit applied: a text sets, null takes away, the others stay. */
export function editLabels(
  labels: Readonly<Record<string, string>>,
  edits: LabelEdits,
): Record<string, string> {
  const all = Object.entries({ ...labels, ...edits });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}
