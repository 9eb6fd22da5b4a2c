// Sizes as Compose writes them: `512m`, `1.5gb`, `2 GiB`; all units are powers of 1024.

const POWERS: Record<string, number> = { "": 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes; undefined when the text is no size. */
export function parseBytes(text: string): number | undefined {
  const found = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  if (found === null) return undefined;
  const power = POWERS[(found[2] ?? "").toLowerCase()] ?? 0;
  return Math.trunc(Number(found[1]) * 1024 ** power);
}
