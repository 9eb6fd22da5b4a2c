// Unpacked layers whose deletions are `.wh.` files, seen as the one tree that they make together.
import type { Stats } from "node:fs";
import { type LowerTree, lookAt, namesIn } from "./tree-changes.ts";

const PREFIX = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** The tree of layers, lowest first (OCI image specification, "Whiteouts"). */
export function markerLayers(layers: readonly string[]): LowerTree {
  const topmostFirst = [...layers].reverse();
  return {
    lstat: (path) => lstat(topmostFirst, path),
    names: (path) => names(topmostFirst, path),
  };
}

async function lstat(layers: readonly string[], path: string): Promise<Stats | undefined> {
  for (const layer of layers) {
    const { found, hides } = await lookIn(layer, path);
    if (found || hides) return found;
  }
  return undefined;
}

async function names(layers: readonly string[], path: string): Promise<string[]> {
  const all = new Set<string>();
  const gone = new Set<string>();
  for (const layer of layers) {
    const { found, hides } = await lookIn(layer, path);
    const here = found?.isDirectory() ? await namesIn(`${layer}${path}`) : [];
    for (const name of here) if (!name.startsWith(PREFIX) && !gone.has(name)) all.add(name);
    for (const name of here) if (name.startsWith(PREFIX)) gone.add(name.slice(PREFIX.length));
    if (hides || here.includes(OPAQUE) || (found && !found.isDirectory())) break;
  }
  return [...all];
}

/**
 * What one layer has at a path, and whether it hides what those below have there. No link is
 * followed: a layer may have one where a layer above has a directory.
 */
async function lookIn(layer: string, path: string): Promise<{ found?: Stats; hides: boolean }> {
  const parts = path.split("/").slice(1);
  let hides = false;
  let here = layer;
  let found = await lookAt(layer);
  for (const part of parts) {
    if (found === undefined) return { hides };
    if (!found.isDirectory()) return { hides: true };
    const markers = await Promise.all([
      lookAt(`${here}/${PREFIX}${part}`),
      lookAt(`${here}/${OPAQUE}`),
    ]);
    hides ||= markers.some((marker) => marker !== undefined);
    here = `${here}/${part}`;
    found = await lookAt(here);
  }
  return found ? { found, hides } : { hides };
}
