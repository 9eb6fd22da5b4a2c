// Order in a graph of names: what comes before what, and cycles printed as a path. Pure.
import { FairleadError } from "../model/errors.ts";

/** For each name, the names that must come before it; unknown names are ignored. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/**
 * Every name after all that it needs; otherwise in the order given. Throws `invalid` with the
 * cycle, `a -> b -> a`, when there is one.
 */
export function inOrder(names: Iterable<string>, needs: Edges): string[] {
  const all = new Set(names);
  const done = new Set<string>();
  const ordered: string[] = [];
  for (const root of all) {
    // An explicit stack, because a hostile chain may be deeper than the call stack.
    const path = new Set<string>();
    const open: { name: string; rest: string[] }[] = [];
    const enter = (name: string) => {
      if (done.has(name) || !all.has(name)) return;
      if (path.has(name)) throw cycleError([...path].slice([...path].indexOf(name)).concat(name));
      path.add(name);
      open.push({ name, rest: [...(needs.get(name) ?? [])] });
    };
    enter(root);
    while (open.length > 0) {
      const top = open.at(-1)!;
      const next = top.rest.shift();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      open.pop();
      path.delete(top.name);
      done.add(top.name);
      ordered.push(top.name);
    }
  }
  return ordered;
}

/** The names and everything that they need, directly or not. */
export function closure(roots: Iterable<string>, needs: Edges): Set<string> {
  const found = new Set<string>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...(needs.get(name) ?? []));
  }
  return found;
}

/** The same edges the other way round. */
export function reversed(needs: Edges): Map<string, string[]> {
  const back = new Map<string, string[]>();
  for (const [name, list] of needs) {
    for (const needed of list) back.set(needed, [...(back.get(needed) ?? []), name]);
  }
  return back;
}

function cycleError(path: string[]): FairleadError {
  return new FairleadError("invalid", `these depend on each other: ${path.join(" -> ")}`, {
    path: path[0],
    hint: "Take one of the dependencies away.",
  });
}
