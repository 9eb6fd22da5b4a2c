// Patterns of stars and single characters, matched in a time that nobody's text makes long: a
// regular expression with a few stars takes hours for texts that are made for it. Pure.
import { FairleadError } from "../../../resources/model/errors.ts";

/**
 * What one step of a pattern takes: one character, or with `repeats` any number of such. In the
 * patterns of paths each "character" is a whole name.
 */
export interface GlobStep {
  accepts(char: string): boolean;
  repeats: boolean;
}

/** Steps and characters looked at for one answer; some tens of milliseconds. */
const MOST_WORK = 1_000_000;

export class Glob {
  readonly #steps: readonly GlobStep[];

  constructor(steps: readonly GlobStep[]) {
    this.#steps = steps;
  }

  /** The same for a text that is turned round. */
  reversed(): Glob {
    return new Glob(this.#steps.toReversed());
  }

  /** Whether the pattern takes the whole text. */
  matches(text: string): boolean {
    const chars = [...text];
    return this.end(chars, 0, true) === chars.length;
  }

  /** Where the shortest or the longest match from a place on ends; undefined when there is none. */
  end(chars: readonly string[], from: number, longest: boolean): number | undefined {
    return this.#end(chars, from, longest, { left: MOST_WORK });
  }

  /** All longest matches from left to right; as in Go none is empty right behind another. */
  all(chars: readonly string[], once: boolean): [from: number, to: number][] {
    const work = { left: MOST_WORK };
    const found: [number, number][] = [];
    for (let from = 0, last = -1; from <= chars.length; from += 1) {
      const to = this.#end(chars, from, true, work);
      if (to === undefined || (to === from && from === last)) continue;
      found.push([from, to]);
      if (once) break;
      last = to;
      if (to > from) from = to - 1;
    }
    return found;
  }

  #end(
    chars: readonly string[],
    from: number,
    longest: boolean,
    work: { left: number },
  ): number | undefined {
    const steps = this.#steps;
    let end: number | undefined;
    // Every place in the pattern that the text up to here can have come to.
    let places = this.#reach(new Set<number>(), 0);
    for (let at = from; ; at += 1) {
      if (places.has(steps.length)) {
        end = at;
        if (!longest) return end;
      }
      const char = chars[at];
      if (char === undefined || places.size === 0) return end;
      work.left -= places.size;
      if (work.left < 0) throw new FairleadError("invalid", "the pattern takes too long to match");
      const next = new Set<number>();
      for (const place of places) {
        const step = steps[place];
        if (step?.accepts(char)) this.#reach(next, step.repeats ? place : place + 1);
      }
      places = next;
    }
  }

  // A step that repeats may take nothing, so the one behind it is reached as well.
  #reach(places: Set<number>, from: number): Set<number> {
    let place = from;
    while (!places.has(place)) {
      places.add(place);
      if (this.#steps[place]?.repeats !== true) break;
      place += 1;
    }
    return places;
  }
}
