// All containers of this agent by id and name. It keeps the index; the records are the truth.
import { randomBytes } from "node:crypto";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Container } from "./container.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const NAME_LENGTH = 255;

export class Containers {
  readonly #byId = new Map<string, Container>();
  readonly #byName = new Map<string, string>();

  all(): Container[] {
    return [...this.#byId.values()];
  }

  /** By id, name (with or without a slash), PARENT/ALIAS of a link, or an id's unique beginning. */
  find(reference: string): Container | undefined {
    const exact = this.#byId.get(reference);
    if (exact) return exact;
    const named = this.#byName.get(reference.replace(/^\//, ""));
    if (named !== undefined) return this.#byId.get(named);
    const [, parent = "", alias] = /^\/?([^/]+)\/([^/]+)$/.exec(reference) ?? [];
    if (alias !== undefined) return this.#linked(parent, alias);
    if (!/^[0-9a-f]{1,63}$/.test(reference)) return undefined;
    const found = this.all().filter(({ id }) => id.startsWith(reference));
    if (found.length > 1) {
      throw new FairleadError("invalid", `Multiple IDs found with provided prefix: ${reference}`);
    }
    return found[0];
  }

  #linked(parent: string, alias: string): Container | undefined {
    const links = this.#byId.get(this.#byName.get(parent) ?? "")?.record.links ?? [];
    const link = links.find((one) => one.alias === alias);
    return link && (this.find(link.id) ?? this.find(link.name));
  }

  /** The container, or `not_found` in Docker's words. */
  require(reference: string): Container {
    const found = this.find(reference);
    if (found) return found;
    throw new FairleadError("not_found", `No such container: ${reference}`);
  }

  /** Takes a name for an id before the container exists, so that two creates cannot share it. */
  reserve(name: string, id: string): void {
    if (!NAME.test(name) || name.length > NAME_LENGTH) {
      throw new FairleadError(
        "invalid",
        `Invalid container name (${JSON.stringify(name).slice(1, 100).replace(/"$/, "")}), ` +
          "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
      );
    }
    const owner = this.#byName.get(name);
    if (owner !== undefined && owner !== id) {
      throw new FairleadError(
        "conflict",
        `Conflict. The container name "/${name}" is already in use by container "${owner}". ` +
          "You have to remove (or rename) that container to be able to reuse that name.",
      );
    }
    this.#byName.set(name, id);
  }

  release(name: string, id: string): void {
    if (this.#byName.get(name) === id) this.#byName.delete(name);
  }

  add(container: Container): void {
    this.#byId.set(container.id, container);
    this.#byName.set(container.record.name, container.id);
  }

  delete(container: Container): void {
    this.#byId.delete(container.id);
    this.release(container.record.name, container.id);
  }

  /** A fresh id: 64 hexadecimal digits, the first twelve of which are not all decimal. */
  newId(): string {
    for (;;) {
      const id = randomBytes(32).toString("hex");
      // Docker's rule: a host name of digits only is taken for a number by some programs.
      if (!/^\d{12}/.test(id) && !this.#byId.has(id)) return id;
    }
  }

  /** A name that nobody has, such as `steady_bollard`. */
  newName(): string {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const name = `${pick(ADJECTIVES)}_${pick(NOUNS)}${attempt > 2 ? randomDigits() : ""}`;
      if (!this.#byName.has(name)) return name;
    }
    return `container_${randomBytes(6).toString("hex")}`;
  }
}

const ADJECTIVES = `able bold brisk calm clear dry eager early fair fast fine firm fresh gentle glad
  grand keen kind late light lively loyal lucky mild neat nimble patient plain proud quick quiet
  ready sharp silent smooth sober solid sound steady still strong sunny sure swift tidy trim
  warm wise young`.split(/\s+/);
const NOUNS = `anchor ballast barge beacon bollard boom bow brig bulkhead buoy cable capstan
  cargo chart cleat compass cutter davit deck dinghy dock fender ferry galley gangway halyard
  harbor hatch haven hawser helm hold hull jetty keel ketch lagoon lantern lock mast mooring
  oar pier pilot quay rigging rudder sail schooner shackle skiff sloop spar tide tiller
  tugboat wharf winch yawl`.split(/\s+/);

function pick(words: string[]): string {
  return words[randomBytes(2).readUInt16BE() % words.length] ?? "plain";
}

function randomDigits(): string {
  return String(randomBytes(2).readUInt16BE());
}
