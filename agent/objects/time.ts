// Times as Docker writes them: RFC 3339 with nanoseconds, in UTC.

let last = 0n;

/** The current time; the digits below the millisecond only keep the order of two calls. */
export function nowNano(): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  last = now > last ? now : last + 1n;
  const ms = Number(last / 1_000_000n);
  const below = String(last % 1_000_000n).padStart(6, "0");
  return new Date(ms).toISOString().replace("Z", `${below}Z`);
}

/** Seconds since 1970; 0 for the zero time and for what is no time. */
export function unixSeconds(time: string): number {
  const ms = Date.parse(time);
  return Number.isNaN(ms) || ms < 0 ? 0 : Math.floor(ms / 1000);
}

/** Nanoseconds since 1970 of an RFC 3339 time with up to nine digits of fraction. */
export function unixNano(time: string): bigint {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return 0n;
  const [, fraction = ""] = /\.(\d{1,9})/.exec(time) ?? [];
  const seconds = BigInt(Math.floor(ms / 1000));
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** How long ago, in docker ps's words: "About a minute", "3 hours". */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(minutes / 60);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
