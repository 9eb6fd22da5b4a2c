// Marked values that never print, and the salted hash that stands for them in a label.
// Reveal one only where it goes to a host.
import { createHash, createHmac } from "node:crypto";

const SHOWN = "[secret]";
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** A value that every way of printing shows as `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the wire and for comparing; never for a log, an error or a plan. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [INSPECT](): string {
    return SHOWN;
  }
}

/** Marks a value as secret. */
export function secret(value: string): Secret {
  return new Secret(value);
}

/** The text of a marked or unmarked value. */
export function reveal(value: string | Secret): string {
  return typeof value === "string" ? value : value.reveal();
}

/**
 * A hash that shows whether a secret changed and no more. The salt is where the secret stands
 * (project, object, field), so that equal secrets in two places do not look equal.
 */
export function hashSecret(value: Secret, place: string): string {
  const hmac = createHmac("sha256", `fairlead\0${place}`).update(value.reveal());
  return `secret:${hmac.digest("hex")}`;
}

/** `sha256:…` of public text or bytes. */
export function hashContent(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
