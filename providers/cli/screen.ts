// Where the command prints: streams, colours, and what may reach a terminal.
import { createColors } from "picocolors";
import { printable } from "../compose/document/printable.ts";

export type Colors = ReturnType<typeof createColors>;

export interface ScreenOptions {
  /** False with --no-color. */
  color: boolean;
  /** True with --json: nothing but one JSON value goes to standard output. */
  json: boolean;
  stdout?: NodeJS.WriteStream;
  stderr?: NodeJS.WriteStream;
  environment?: Readonly<Record<string, string | undefined>>;
}

export class Screen {
  readonly json: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** For standard output. */
  readonly colors: Colors;
  /** For standard error. */
  readonly errorColors: Colors;
  /** Whether a person reads: progress is drawn, and questions may be asked. */
  readonly isLive: boolean;

  constructor(options: ScreenOptions) {
    const environment = options.environment ?? process.env;
    this.json = options.json;
    this.stdout = options.stdout ?? process.stdout;
    this.stderr = options.stderr ?? process.stderr;
    const allowed = options.color && !options.json && !environment.NO_COLOR;
    const forced =
      allowed && environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== "0";
    const dumb = environment.TERM === "dumb";
    const colored = (stream: NodeJS.WriteStream) =>
      forced || (allowed && stream.isTTY === true && !dumb);
    this.colors = createColors(colored(this.stdout));
    this.errorColors = createColors(colored(this.stderr));
    const inCi = environment.CI !== undefined && environment.CI !== "false";
    this.isLive = !options.json && this.stderr.isTTY === true && !dumb && !inCi;
  }

  /** A line of the result. The text is ours: what comes from hosts or files is made safe before. */
  line(text = ""): void {
    this.stdout.write(`${text}\n`);
  }

  /** The result for a program. */
  value(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A remark that is no result. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.note(`${this.errorColors.yellow("warning:")} ${printable(text)}`);
  }
}

/** Output of a container for a terminal: colours stay, every other control sequence is shown. */
export function tame(text: string): string {
  return text
    .split(/(\u001b\[[0-9;]{0,30}m)/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part.replaceAll("\r", ""))))
    .join("");
}

/** Rows as columns of equal width. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join("   ")
      .trimEnd(),
  );
}
