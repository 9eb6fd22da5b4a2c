// Durations as Compose writes them (`1m30s`, `1d`), and as Go prints them.

const UNITS_NS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};
const MAX_NS = 2n ** 63n - 1n;

/** Nanoseconds; undefined when the text is no duration. A sign may lead, `0` needs no unit. */
export function parseDuration(text: string): bigint | undefined {
  const sign = text.startsWith("-") ? -1n : 1n;
  const body = text.replace(/^[-+]/, "");
  if (body === "0") return 0n;
  const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h|d|w)/y;
  let total = 0n;
  while (part.lastIndex < body.length) {
    const found = part.exec(body);
    if (found === null) return undefined;
    const [, whole = "", fraction = "", unit = ""] = found;
    const size = UNITS_NS[unit];
    if ((whole === "" && fraction === "") || size === undefined) return undefined;
    const digits = fraction.slice(0, 18);
    total += BigInt(whole || "0") * size;
    if (digits !== "") total += (BigInt(digits) * size) / 10n ** BigInt(digits.length);
    if (total > MAX_NS) return undefined;
  }
  return body === "" ? undefined : sign * total;
}

/** As Go's Duration.String: `1m30s`, `500ms`, `0s`. */
export function durationText(ns: bigint): string {
  if (ns === 0n) return "0s";
  const sign = ns < 0n ? "-" : "";
  const size = ns < 0n ? -ns : ns;
  for (const [unit, scale] of [
    ["ns", 1n],
    ["µs", 1_000n],
    ["ms", 1_000_000n],
  ] as const) {
    if (size < scale * 1000n) return `${sign}${decimal(size, scale)}${unit}`;
  }
  const second = UNITS_NS.s ?? 1n;
  const minutes = size / (60n * second);
  const seconds = `${decimal(size % (60n * second), second)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, scale: bigint): string {
  const rest = value % scale;
  if (rest === 0n) return String(value / scale);
  const digits = String(rest).padStart(String(scale).length - 1, "0");
  return `${value / scale}.${digits.replace(/0+$/, "")}`;
}
