// The values of filters that lists of every kind of object have: labels, booleans, times. Pure.
import { FairleadError } from "../../resources/model/errors.ts";

/** `10m`, `24h`, seconds since 1970, or RFC 3339: as seconds since 1970. */
export function readUntil(value: string, nowMs: number = Date.now()): number {
  const parts = [...value.matchAll(/(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length > 0 && parts.map(([whole]) => whole).join("") === value) {
    const unit: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6 };
    const ago = parts.reduce((sum, [, n, name]) => sum + Number(n) * (unit[name ?? ""] ?? 1e-9), 0);
    return nowMs / 1000 - ago;
  }
  if (/^\d{1,12}(\.\d{1,9})?$/.test(value)) return Number(value);
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) {
    throw new FairleadError("invalid", `until: ${JSON.stringify(value)} is no time`, {
      hint: "write a duration such as 24h, a time in RFC 3339, or seconds since 1970",
    });
  }
  return ms / 1000;
}

/** Whether every `key` or `key=value` is among the labels. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: readonly string[],
): boolean {
  return wanted.every((one) => hasLabel(labels, one));
}

export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf("=");
  const key = at < 0 ? wanted : wanted.slice(0, at);
  return Object.hasOwn(labels, key) && (at < 0 || labels[key] === wanted.slice(at + 1));
}

/** Docker's booleans in filters: exactly one of the two. */
export function readTruth(key: string, values: readonly string[]): boolean {
  const truths = values.map((value) => /^(1|true)$/i.test(value));
  const clear = values.length === 1 && /^(0|1|true|false)$/i.test(values[0] ?? "");
  if (!clear) throw new FairleadError("invalid", `invalid filter '${key}=${values.join(",")}'`);
  return truths[0] === true;
}
