// What `docker rmi` does to one image: which names go, whether it goes itself, or why not.
// Decides only; the words and the order are those of moby's daemon/images/image_delete.go.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { ImageRecord } from "../../images/catalog.ts";
import { shortOf } from "../../images/digest.ts";
import { familiar } from "./image.ts";

export interface ImageUse {
  container: string;
  running: boolean;
}

export interface Removal {
  untag: string[];
  delete: boolean;
}

export interface RemovalRequest {
  image: ImageRecord;
  /** The full name that was given; undefined when it was an id. */
  name: string | undefined;
  force: boolean;
  uses: readonly ImageUse[];
}

/** The plan of a removal; `conflict` when a container or another name stands against it. */
export function planRemoval(request: RemovalRequest): Removal {
  return request.name === undefined ? removeById(request) : removeByName(request, request.name);
}

function removeByName(request: RemovalRequest, name: string): Removal {
  const { image, force, uses } = request;
  const names = [...image.tags, ...image.digests];
  const [user] = uses;
  if (!force && user !== undefined && isSingle(names)) {
    throw new FairleadError(
      "conflict",
      `conflict: unable to remove repository reference "${familiar(name)}" (must force) - ` +
        `container ${user.container.slice(0, 12)} is using its referenced image ` +
        shortOf(image.id),
    );
  }
  const untag = [name];
  // Digests of a repository that has lost its last tag go with it.
  const repository = repositoryOf(name);
  const kept = names.filter((other) => other !== name);
  const tagged = kept.some((other) => !other.includes("@") && repositoryOf(other) === repository);
  if (!name.includes("@") && !tagged) {
    untag.push(...kept.filter((other) => repositoryOf(other) === repository));
  }
  if (names.length > untag.length) return { untag, delete: false };
  // A name was removed, which was asked for: a conflict only means that the image stays.
  const stays = uses.some(({ running }) => running) || (!force && uses.length > 0);
  return { untag, delete: !stays };
}

function removeById({ image, force, uses }: RemovalRequest): Removal {
  const names = [...image.tags, ...image.digests];
  const running = uses.find((use) => use.running);
  if (running !== undefined) {
    throw conflict(image, "cannot be forced", `image is being used by running container`, running);
  }
  if (!force && !isSingle(names) && names.length > 0) {
    throw new FairleadError(
      "conflict",
      `conflict: unable to delete ${shortOf(image.id)} (must be forced) - ` +
        "image is referenced in multiple repositories",
    );
  }
  const [stopped] = uses;
  if (!force && stopped !== undefined) {
    throw conflict(image, "must be forced", "image is being used by stopped container", stopped);
  }
  return { untag: names, delete: true };
}

function conflict(
  image: ImageRecord,
  means: string,
  reason: string,
  { container }: ImageUse,
): FairleadError {
  const id = shortOf(image.id);
  const text = `conflict: unable to delete ${id} (${means}) - ${reason}`;
  return new FairleadError("conflict", `${text} ${container.slice(0, 12)}`);
}

/** At most one tag, and nothing outside its repository. */
function isSingle(names: readonly string[]): boolean {
  const tags = names.filter((name) => !name.includes("@"));
  return tags.length <= 1 && new Set(names.map(repositoryOf)).size <= 1;
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}
