// What a build uses of the agent.
import type { Content } from "../images/content.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import type { Images } from "../objects/image/images.ts";
import type { ProjectFiles } from "../objects/project-files/store.ts";
import type { BuildCache } from "./cache.ts";

export interface BuildParts {
  containers: ContainerParts;
  images: Images;
  content: Content;
  cache: BuildCache;
  /** Contexts that clients deliver file by file, and that stay for the next build. */
  contexts: ProjectFiles;
  /** Folder for contexts and cache mounts, closed to other users. */
  directory: string;
}
