// The import graph of the sources, and the lines that ARCHITECTURE.md draws through it.
import { dirname, normalize } from "node:path";

export type Graph = Map<string, string[]>;

const LAYERS: { folder: string; may: string[] }[] = [
  { folder: "resources/", may: ["resources/"] },
  { folder: "providers/engine/", may: ["providers/engine/", "resources/"] },
  { folder: "providers/compose/", may: ["providers/compose/", "providers/engine/", "resources/"] },
  { folder: "providers/rpc/", may: ["providers/rpc/"] },
  // The command's entry is where front ends meet that know nothing of each other.
  { folder: "providers/cli/main.ts", may: ["providers/", "resources/"] },
  ...["cli", "pulumi", "terraform"].map((end) => ({
    folder: `providers/${end}/`,
    may: [
      `providers/${end}/`,
      ...["compose", "rpc", "engine"].map((f) => `providers/${f}/`),
      "resources/",
    ],
  })),
  { folder: "providers/index.ts", may: ["providers/", "resources/"] },
  { folder: "agent/native/", may: ["agent/native/"] },
  { folder: "agent/state/", may: ["agent/state/"] },
  { folder: "agent/storage/", may: ["agent/storage/", "agent/native/", "agent/state/"] },
  {
    folder: "agent/images/",
    may: ["agent/images/", "agent/native/", "agent/state/", "agent/storage/"],
  },
  { folder: "agent/network/", may: ["agent/network/", "agent/native/", "agent/state/"] },
  { folder: "agent/logs/", may: ["agent/logs/", "agent/native/", "agent/state/"] },
  { folder: "agent/runtime/", may: ["agent/runtime/", "agent/native/", "agent/state/"] },
  {
    folder: "agent/objects/",
    may: ["objects", "state", "images", "storage", "logs", "network", "runtime"].map(
      (f) => `agent/${f}/`,
    ),
  },
  {
    folder: "agent/build/",
    may: ["build", "objects", "state", "images", "storage", "logs"].map((f) => `agent/${f}/`),
  },
  { folder: "agent/api/", may: ["agent/api/", "agent/objects/", "agent/build/"] },
  { folder: "agent/main.ts", may: ["agent/"] },
];

// What both sides share: wire types, error codes, units and the grammar of image references; and in
// the agent the one seam to native code, and what runs work side by side or in turn.
const SHARED = [
  "resources/wire.ts",
  ...["errors", "link", "reference", "units"].map((file) => `resources/model/${file}.ts`),
];
const AGENT_SEAMS = [
  "agent/native/index.ts",
  "agent/concurrency/bounded.ts",
  "agent/concurrency/serial-queue.ts",
];
const PRODUCT = /^(agent|providers|resources)\//;
const ENTRIES = [/^test\//, /^examples\//, /^vitest\.config\.ts$/, /^agent\/main\.ts$/];
const ROOTS = [
  ...ENTRIES,
  /^providers\/index\.ts$/,
  /^providers\/cli\/main\.ts$/,
  /^providers\/terraform\/(main|docs\/pages|cdk\/(index|generate|null-resource-cdktn))\.ts$/,
  /^providers\/pulumi\/(plugin\/main|sdk\/index|schema\/built)\.ts$/,
];

/** Which file imports which files of the project; both as paths from the top. */
export function dependencies(files: string[], read: (file: string) => string): Graph {
  const graph: Graph = new Map();
  for (const file of files) {
    const found = read(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
    graph.set(
      file,
      [...found].map(([, to]) => normalize(`${dirname(file)}/${to}`)),
    );
  }
  return graph;
}

/** Every import across a line that must not be crossed. */
export function forbiddenImports(graph: Graph): string[] {
  const found: string[] = [];
  for (const [file, imports] of graph) {
    const layer = LAYERS.find(({ folder }) => file.startsWith(folder));
    if (!layer) continue;
    const seams = file.startsWith("agent/") ? [...SHARED, ...AGENT_SEAMS] : SHARED;
    for (const to of imports) {
      const allowed = seams.includes(to) || layer.may.some((folder) => to.startsWith(folder));
      if (!allowed) found.push(`${file} -> ${to}`);
    }
  }
  return found;
}

/** Import cycles, each as the path round it. */
export function cycles(graph: Graph): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push([...path.slice(at), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const to of graph.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/**
 * Product folders that import each other in a circle, each circle as a list of its folders: what is
 * in one cannot be understood, tested or exchanged without the others.
 */
export function folderCycles(graph: Graph): string[][] {
  const folders: Graph = new Map();
  for (const [file, imports] of graph) {
    const from = dirname(file);
    if (!PRODUCT.test(file)) continue;
    const to = imports.map((target) => dirname(target)).filter((folder) => folder !== from);
    folders.set(from, [...new Set([...(folders.get(from) ?? []), ...to])]);
  }
  const reached = new Map([...folders.keys()].map((folder) => [folder, reach(folders, folder)]));
  const circles = [...folders.keys()].map((folder) =>
    [...(reached.get(folder) ?? [])].filter((other) => reached.get(other)?.has(folder)).sort(),
  );
  const distinct = new Map(circles.map((circle) => [circle.join(), circle]));
  distinct.delete("");
  return [...distinct.values()];
}

/** Every folder to which imports lead from one; itself only when they lead back. */
function reach(folders: Graph, start: string): Set<string> {
  const found = new Set<string>();
  const open = [...(folders.get(start) ?? [])];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (found.has(folder)) continue;
    found.add(folder);
    open.push(...(folders.get(folder) ?? []));
  }
  return found;
}

/** Product files that no entry point reaches; a test alone does not keep a file alive. */
export function unusedFiles(graph: Graph): string[] {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const to of graph.get(file) ?? []) visit(to);
  };
  for (const file of graph.keys()) {
    if (!file.startsWith("test/") && ROOTS.some((root) => root.test(file))) visit(file);
  }
  return [...graph.keys()].filter((file) => !file.startsWith("test/") && !reached.has(file));
}
