// Reads the options of a network, key by key; what is left at the end is unknown.
import { FairleadError } from "../../../resources/model/errors.ts";

export class OptionReader {
  readonly #left: Record<string, string>;

  constructor(options: Readonly<Record<string, string>>) {
    this.#left = { ...options };
  }

  /** What nobody took. */
  get left(): Record<string, string> {
    return { ...this.#left };
  }

  take(key: string): string | undefined {
    const value = this.#left[key];
    delete this.#left[key];
    return value;
  }

  /** An option that must be `fine` when it is given; `hint` says what could be written. */
  text(key: string, fine: (value: string) => boolean, hint: string): string | undefined {
    const value = this.take(key);
    if (value === undefined || fine(value)) return value;
    throw new FairleadError("invalid", `${key}: ${JSON.stringify(value)} cannot be used`, {
      path: `Options.${key}`,
      hint,
    });
  }

  boolean(key: string): boolean | undefined {
    const known = (value: string) => /^(true|false|1|0)$/i.test(value);
    const value = this.text(key, known, "true or false")?.toLowerCase();
    return value === undefined ? undefined : value === "true" || value === "1";
  }

  /** Refuses what nobody took. */
  end(driver: string): void {
    const [unknown] = Object.keys(this.#left);
    if (unknown === undefined) return;
    throw new FairleadError("unsupported", `the ${driver} driver has no option ${unknown}`, {
      path: "Options",
    });
  }
}
