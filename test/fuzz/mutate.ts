// Hostile inputs out of good ones: the same seed gives the same inputs.

const ODD_VALUES: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  "",
  "\0",
  "../../etc",
  "x".repeat(5000),
  "\ud800",
  [],
  [null],
  {},
  { __proto__: null, constructor: 1 },
  [[[[[]]]]],
];
const ODD_BYTES = Buffer.from('\0\xff\x7f\x80"\\{}[],:-19eE./ \n\t', "latin1");

/** Numbers that look random: mulberry32, whose whole state is its seed. */
export class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** A few random changes of bytes: inserted, exchanged, flipped, cut, repeated, spliced. */
export function mutateBytes(seeds: readonly Buffer[], chance: Chance): Buffer {
  let bytes = Buffer.from(chance.pick(seeds));
  for (let times = 1 + chance.below(5); times > 0; times--) {
    const at = chance.below(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const odd = Buffer.from([ODD_BYTES[chance.below(ODD_BYTES.length)]!]);
    const other = chance.pick(seeds);
    const changes = [
      () => Buffer.concat([before, odd, after]),
      () => Buffer.concat([before, odd, after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(1 + chance.below(16))]),
      () => Buffer.concat([before, before.subarray(-chance.below(64) - 1), after]),
      () => Buffer.concat([before, other.subarray(chance.below(other.length + 1))]),
      () => {
        const flipped = Buffer.from(bytes);
        if (at < bytes.length) flipped[at]! ^= 1 << chance.below(8);
        return flipped;
      },
    ];
    bytes = Buffer.from(chance.pick(changes)()).subarray(0, 65536);
  }
  return bytes;
}

/** A JSON value in which some members are exchanged, gone or doubled. */
export function mutateJson(seed: unknown, chance: Chance): unknown {
  const root = { value: structuredClone(seed) };
  for (let times = 1 + chance.below(3); times > 0; times--) {
    const places: [Record<string, unknown>, string][] = [];
    collect(root, places);
    if (places.length === 0) break;
    const [holder, key] = chance.pick(places);
    const change = chance.below(8);
    if (change === 0) delete holder[key];
    else if (change === 1) holder[`${key}2`] = holder[key];
    else if (change === 2) holder[key] = [holder[key]];
    else holder[key] = structuredClone(chance.pick(ODD_VALUES));
  }
  return root.value;
}

function collect(value: unknown, places: [Record<string, unknown>, string][]): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    places.push([value as Record<string, unknown>, key]);
    collect((value as Record<string, unknown>)[key], places);
  }
}
