// The images that a build begins from or copies from: pulled when they are missing, and their roots
// mounted as long as the build runs.
import { randomBytes } from "node:crypto";
import { FairleadError } from "../../resources/model/errors.ts";
import { parseReference } from "../../resources/model/reference.ts";
import { commitImage, layersOf } from "../images/commit.ts";
import type { ImageDocument } from "../images/manifest.ts";
import type { BuildParts } from "./parts.ts";
import type { BuildRequest } from "./request.ts";
import type { StageState } from "./state.ts";
import { Tree } from "./tree.ts";

export interface Base {
  /** With the same layers and no configuration: no volume, user or command gets in the way. */
  imageId: string;
  document: ImageDocument;
}

export class Bases {
  readonly #request: BuildRequest;
  readonly #parts: BuildParts;
  readonly #images = new Map<string, Promise<Base>>();
  readonly #trees = new Map<string, Promise<Tree>>();
  readonly #mounted: string[] = [];

  constructor(request: BuildRequest, parts: BuildParts) {
    this.#request = request;
    this.#parts = parts;
  }

  /** The image of a name for a platform; each is looked for once in a build. */
  image(name: string, platform: string | undefined): Promise<Base> {
    const key = `${name} ${platform ?? ""}`;
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const found = this.#find(name, platform);
    this.#images.set(key, found);
    return found;
  }

  /** The files of an image that this build has found or made; an empty tree for none. */
  tree(imageId: string | undefined): Promise<Tree> {
    const key = imageId ?? "";
    const known = this.#trees.get(key);
    if (known !== undefined) return known;
    const tree = this.#mount(imageId);
    this.#trees.set(key, tree);
    return tree;
  }

  async close(): Promise<void> {
    for (const id of this.#mounted) await this.#parts.containers.storage.remove(id);
  }

  async #mount(imageId: string | undefined): Promise<Tree> {
    const id = `build-${randomBytes(16).toString("hex")}`;
    this.#mounted.push(id);
    const layers = imageId === undefined ? [] : this.#parts.images.layersOf(imageId);
    return new Tree(await this.#parts.containers.storage.mount(id, layers));
  }

  async #find(name: string, platform: string | undefined): Promise<Base> {
    const { images } = this.#parts;
    const wanted = platform ?? this.#request.platform;
    if (this.#request.pull || (await images.find(name, wanted)) === undefined) {
      await this.#pull(name, wanted);
    }
    const found = await images.find(name, wanted);
    if (found === undefined) {
      throw new FairleadError("not_found", `${name} is not there for ${wanted ?? "this host"}`);
    }
    const document = found.config as ImageDocument;
    return { document, imageId: await bareImage(found.id, document, this.#parts) };
  }

  async #pull(name: string, platform: string | undefined): Promise<void> {
    const { tell, signal, authFor } = this.#request;
    const step = `pull ${name}`;
    tell({ step, state: "started" });
    const { domain } = parseReference(name);
    await this.#parts.images.pull({
      name,
      progress: ({ id, status = "", progressDetail: { current, total } = {} }) =>
        tell({
          ...{ step, text: status },
          ...(id === undefined ? {} : { layer: id }),
          ...(current === undefined ? {} : { doneBytes: current }),
          ...(total === undefined ? {} : { totalBytes: total }),
        }),
      signal,
      ...(platform === undefined ? {} : { platform }),
      auth: authFor(domain),
    });
  }
}

/** The same layers under a configuration that says nothing; kept by the cache, seen by nobody. */
async function bareImage(
  id: string,
  { architecture, os, variant }: ImageDocument,
  { content, cache }: BuildParts,
): Promise<string> {
  const key = `bare ${id}`;
  const known = cache.find(key);
  if (known !== undefined && content.catalog.get(known.imageId) !== undefined) return known.imageId;
  const record = content.catalog.get(id)!;
  const base = { architecture, os, ...(variant === undefined ? {} : { variant }), config: {} };
  const imageId = await commitImage(content, base, await layersOf(content, record));
  await cache.put(key, { imageId, created: "", empty: true });
  await content.catalog.hide(imageId);
  return imageId;
}

/** The state of a stage that begins with an image. */
export function stateOf({ imageId, document }: Base): StageState {
  const { os, architecture, variant } = document;
  const { OnBuild: _, ...settings } = document.config as StageState["settings"];
  return {
    imageId,
    settings,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    author: document.author,
    history: document.history ?? [],
    args: new Map(),
    ownCommand: false,
  };
}
