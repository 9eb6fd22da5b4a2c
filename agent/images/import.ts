// Makes an image of one layer from a root file system archive.
import type { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { commitImage, type StoredLayer, storeLayer } from "./commit.ts";
import type { Content } from "./content.ts";
import type { ImageConfig } from "./image-config.ts";
import { hostPlatform, type Platform } from "./platform.ts";

export interface ImportRequest {
  archive: Readable;
  config: NonNullable<ImageConfig["config"]>;
  message: string;
  platform?: Platform;
  signal?: AbortSignal;
}

/** Imports the archive, plain or compressed, and returns the id of the image, which has no name. */
export async function importRoot(content: Content, request: ImportRequest): Promise<string> {
  const layer = await layerOf(content, request);
  const created = new Date().toISOString();
  const base = {
    created,
    ...(request.platform ?? hostPlatform()),
    config: request.config,
    history: [{ created, comment: request.message || "Imported from -" }],
  };
  return commitImage(content, base, [layer], request.signal);
}

function layerOf(content: Content, { archive }: ImportRequest): Promise<StoredLayer> {
  return storeLayer(content, archive).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof FairleadError || !/^Z(STD)?_/.test(error.code ?? "")) throw error;
    throw new FairleadError("invalid", `the archive cannot be decompressed: ${error.message}`);
  });
}
