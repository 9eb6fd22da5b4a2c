// How much of the disk images take, for prunes and `docker system df`.
import type { Content } from "./content.ts";

/** Bytes of all layers, each once. */
export async function layerBytes({ catalog, layers }: Content): Promise<number> {
  const chains = new Set(catalog.all().flatMap(({ chain }) => chain));
  const found = await Promise.all([...chains].map((id) => layers.find(id)));
  return found.reduce((total, layer) => total + (layer?.bytes ?? 0), 0);
}

/** Bytes of all layers, and of each image those that others have too. */
export async function diskUsage(
  content: Content,
): Promise<{ bytes: number; sharedBytes: ReadonlyMap<string, number> }> {
  const images = content.catalog.list();
  const users = new Map<string, number>();
  for (const id of images.flatMap(({ chain }) => chain)) users.set(id, (users.get(id) ?? 0) + 1);
  const sharedBytes = new Map<string, number>();
  for (const { id, chain } of images) {
    const shared = chain.filter((one) => (users.get(one) ?? 0) > 1);
    const layers = await Promise.all(shared.map((one) => content.layers.find(one)));
    sharedBytes.set(
      id,
      layers.reduce((total, layer) => total + (layer?.bytes ?? 0), 0),
    );
  }
  return { bytes: await layerBytes(content), sharedBytes };
}
