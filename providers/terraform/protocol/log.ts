// Log lines for TF_LOG, on stderr in hclog's JSON form. Never a secret.

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** One line for TF_LOG; hclog wants exactly six digits of a second. */
export function log(level: LogLevel, message: string): void {
  const time = new Date().toISOString().replace("Z", "000Z");
  const entry = { "@level": level, "@message": message, "@module": "fairlead", "@timestamp": time };
  process.stderr.write(`${JSON.stringify(entry)}\n`);
}
