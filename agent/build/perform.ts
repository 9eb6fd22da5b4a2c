// Carries a step out: it is looked up in the cache by what it would do to which image, and done
// when nobody did it before.
import { createHash } from "node:crypto";
import { commitImage, layersOf, type StoredLayer } from "../images/commit.ts";
import type { Made } from "./cache.ts";
import type { BuildParts } from "./parts.ts";
import { type BuildRequest, latestOf } from "./request.ts";
import { type StageState, withHistory } from "./state.ts";
import type { Step } from "./step.ts";

/** The state after a step, from the cache or made now. */
export async function afterStep(
  state: StageState,
  step: Step,
  request: BuildRequest,
  parts: BuildParts,
): Promise<StageState> {
  const key = digestOfJson([state.imageId ?? "scratch", state.platform, step.identity]);
  const known = request.noCache ? undefined : await usable(key, parts);
  if (known !== undefined) request.tell({ step: request.step, state: "cached" });
  const made = known ?? (await makeNow(state, step, key, request, parts));
  const next = { ...state, imageId: made.imageId === "" ? undefined : made.imageId };
  return withHistory(next, step.createdBy, made.created, made.empty);
}

function digestOfJson(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** The moment that a step is dated with. */
export function nowOf(request: BuildRequest): string {
  const latest = latestOf(request);
  return new Date(latest === undefined ? Date.now() : latest * 1000).toISOString();
}

/** What the cache has, while the image is still whole. */
async function usable(key: string, { cache, content }: BuildParts): Promise<Made | undefined> {
  const made = cache.find(key);
  if (made === undefined || made.imageId === "") return made;
  const image = content.catalog.get(made.imageId);
  if (image === undefined) return undefined;
  const layers = await Promise.all(image.chain.map((id) => content.layers.find(id)));
  return layers.includes(undefined) ? undefined : made;
}

async function makeNow(
  state: StageState,
  step: Step,
  key: string,
  request: BuildRequest,
  parts: BuildParts,
): Promise<Made> {
  const layer = await step.make();
  const created = nowOf(request);
  const imageId =
    layer === undefined ? (state.imageId ?? "") : await withLayer(state, layer, key, parts);
  const made = { imageId, created, empty: layer === undefined };
  await parts.cache.put(key, made);
  if (layer !== undefined) await parts.content.catalog.hide(imageId);
  return made;
}

async function withLayer(
  { imageId, platform }: StageState,
  layer: StoredLayer,
  key: string,
  { content, cache }: BuildParts,
): Promise<string> {
  const below = imageId === undefined ? undefined : content.catalog.get(imageId);
  const layers = below === undefined ? [] : await layersOf(content, below);
  const made = await commitImage(content, { ...platform, config: {} }, [...layers, layer]);
  // The cache names it before it is hidden: hidden images that nobody names are collected.
  await cache.put(key, { imageId: made, created: "", empty: false });
  return made;
}
