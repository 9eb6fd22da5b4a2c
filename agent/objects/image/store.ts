// What containers need of the images of this agent.
import type { ImageConfig } from "../../images/image-config.ts";

export interface StoredImage {
  /** `sha256:…` of the image configuration, Docker's image id. */
  id: string;
  /** Layer chain, lowest first: directories that hold one unpacked layer each. */
  layers: string[];
  config: ImageConfig;
}

export interface ImageStore {
  /** By name, id or unique id prefix; undefined when there is none. */
  find(reference: string, platform?: string): Promise<StoredImage | undefined>;
  /** The layers of an image by its id, unpacked again where they are gone; undefined without it. */
  root(imageId: string): Promise<string[] | undefined>;
  /** Bytes of all layers of an image by its id; 0 when it is unknown. */
  sizeOf(imageId: string): Promise<number>;
  /** The layers of an image by its id, lowest first; none when it is unknown. */
  layersOf(imageId: string): string[];
  /** Image ids in use by containers are asked of the consumer before anything is removed. */
  setUsage(inUse: () => Iterable<{ imageId: string; container: string; running: boolean }>): void;
}
