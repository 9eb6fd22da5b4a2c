// What an instruction that makes a layer amounts to, and what it may look at.
import type { StoredLayer } from "../images/commit.ts";
import type { BuildParts } from "./parts.ts";
import type { BuildRequest } from "./request.ts";
import type { Tree } from "./tree.ts";

export interface Step {
  /** What is done, as values of JSON: all that the result depends on beside the image. */
  identity: unknown;
  /** For the image's history. */
  createdBy: string;
  /** Makes the layer; undefined when no file changes. */
  make(): Promise<StoredLayer | undefined>;
}

/** What an instruction may look at beside the state of its stage. */
export interface Surroundings {
  request: BuildRequest;
  parts: BuildParts;
  escapeChar: string;
  context: Tree;
  /** The files of a stage, a named context or an image, and what tells them apart in the cache. */
  source(name: string): Promise<{ tree: Tree; identity: string | undefined }>;
  /** A folder that goes with the build. */
  scratch: string;
}
