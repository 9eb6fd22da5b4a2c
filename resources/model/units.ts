// Byte sizes and durations as Compose writes them. Pure text to number and back.

const SIZE = /^([0-9]+(?:\.[0-9]+)?)\s*(b|k|kb|kib|m|mb|mib|g|gb|gib|t|tb|tib|p|pb|pib)?$/i;
const POWER = "bkmgtp";
const DURATION_PART = /([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d|w)/y;
const MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Bytes of `512m`, `1.5gb`, `64kib` or a plain number; units are powers of 1024, as in Compose.
 * Undefined when it is not a size.
 */
export function parseBytes(value: string | number): number | undefined {
  if (typeof value === "number") return wholeNumber(value);
  const match = SIZE.exec(value.trim());
  if (!match) return undefined;
  const unit = (match[2] ?? "b")[0]!.toLowerCase();
  return wholeNumber(Math.round(Number(match[1]) * 1024 ** POWER.indexOf(unit)));
}

/** The shortest exact form: `512m`, `1g`, or plain bytes. */
export function formatBytes(bytes: number): string {
  for (const power of [5, 4, 3, 2, 1]) {
    const unit = 1024 ** power;
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${POWER[power]}`;
  }
  return String(bytes);
}

/** Milliseconds of `1m30s`, `500ms`, `1.5h`, or a plain number of milliseconds. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === "number") return wholeNumber(value);
  const text = value.trim();
  if (text === "0") return 0;
  let total = 0;
  DURATION_PART.lastIndex = 0;
  while (DURATION_PART.lastIndex < text.length) {
    const match = DURATION_PART.exec(text);
    if (!match) return undefined;
    total += Number(match[1]) * MS[match[2]!]!;
  }
  return text === "" ? undefined : wholeNumber(Math.round(total));
}

/** `1m30s` for 90000. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  let rest = ms;
  let text = "";
  for (const unit of ["h", "m", "s", "ms"]) {
    const count = Math.floor(rest / MS[unit]!);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * MS[unit]!;
  }
  return text;
}

function wholeNumber(value: number): number | undefined {
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
