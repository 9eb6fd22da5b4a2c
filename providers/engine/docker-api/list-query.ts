// The query by which the Engine API's lists are narrowed to labels.

/** Those that have all these labels, `KEY` or `KEY=VALUE`; nothing to narrow without any. */
export function listQuery(labels: readonly string[] | undefined): { filters?: string } {
  if (labels === undefined || labels.length === 0) return {};
  return { filters: JSON.stringify({ label: labels }) };
}
