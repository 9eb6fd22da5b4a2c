// Differences as the message that the engine wants: every key of the detail among the top-level
// names and conversely (provider.proto).

import type { Of, Partially } from "../../rpc/protobuf.ts";
import { Changes, DiffKind, type DiffResponse } from "../messages.ts";
import { pathParts } from "../resource/failure.ts";
import type { Difference, Differences } from "../resource/type.ts";

const REPLACING = { add: "addReplace", delete: "deleteReplace", update: "updateReplace" } as const;

/** The answer to Diff. */
export function answerOf({
  list,
  deleteBeforeReplace,
}: Differences): Partially<Of<typeof DiffResponse>> {
  const tops = (some: Difference[]) => [...new Set(some.map(({ path }) => topOf(path)))];
  const replacing = list.filter(({ replaces }) => replaces);
  const detailedDiff = Object.fromEntries(
    list.map(({ path, kind, replaces, input }) => {
      return [path, { kind: DiffKind[replaces ? REPLACING[kind] : kind], inputDiff: input }];
    }),
  );
  return {
    changes: list.length > 0 ? Changes.some : Changes.none,
    diffs: tops(list),
    replaces: tops(replacing),
    // Without a replacement these never change.
    stables: replacing.length > 0 ? [] : ["host", "name"],
    deleteBeforeReplace,
    detailedDiff,
    hasDetailedDiff: true,
  };
}

function topOf(path: string): string {
  return String(pathParts(path)[0] ?? path);
}
