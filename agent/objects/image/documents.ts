// The configurations of images, read once each; what is missing of an image means that it is not
// there, to be pulled or loaded again.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { ImageRecord } from "../../images/catalog.ts";
import type { Content } from "../../images/content.ts";
import { type ImageDocument, MANIFEST_BYTES, readImageDocument } from "../../images/manifest.ts";
import { wholeManifest } from "../../images/save.ts";
import type { ShownImage } from "./image.ts";
import { missingImage } from "./name.ts";

export class Documents {
  readonly #blobs: Content["blobs"];
  readonly #known = new Map<string, ImageDocument>();

  constructor({ blobs }: Content) {
    this.#blobs = blobs;
  }

  async read(id: string): Promise<ImageDocument> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const read = readImageDocument(await this.#blobs.read(id, MANIFEST_BYTES));
    this.#known.set(id, read);
    return read;
  }

  /** undefined when it was damaged: one image must not hide all the others. */
  async shown(record: ImageRecord): Promise<ShownImage | undefined> {
    try {
      return { record, document: await this.read(record.id) };
    } catch (error) {
      if (error instanceof FairleadError && error.code === "not_found") return undefined;
      throw error;
    }
  }

  forget(id: string): void {
    this.#known.delete(id);
  }
}

/** The failure of a part that is missing names the image. */
export async function ofImage<T>(reference: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FairleadError && error.code === "not_found")) throw error;
    const { message } = missingImage(reference);
    throw new FairleadError("not_found", `${message}: ${error.message}`, {
      hint: error.hint ?? "pull or load the image again",
      cause: error,
    });
  }
}

/** Which of the blobs are not here; the small ones, which say what an image is, are looked into. */
export async function missingBlobs(
  { blobs }: Content,
  digests: readonly string[],
): Promise<string[]> {
  const missing: string[] = [];
  for (const digest of new Set(digests)) {
    const size = await blobs.size(digest);
    const isHere = size !== undefined && (size > MANIFEST_BYTES || (await blobs.isSound(digest)));
    // The client counts on what it does not send: a sweep must not take it away meanwhile.
    if (isHere) await blobs.touch(digest);
    else missing.push(digest);
  }
  return missing;
}

/** The manifest under which all blobs of an image are here, stored as a blob itself. */
export async function manifestOf(content: Content, id: string): Promise<string> {
  const record = content.catalog.get(id);
  if (record === undefined) throw new FairleadError("not_found", `No such image: ${id}`);
  return wholeManifest(content, record);
}
