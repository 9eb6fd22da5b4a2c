// Where the command prints: streams, colours, and what may reach a terminal.
import { createColors } from "picocolors";
import { printable } from "../../compose/document/printable.ts";

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

  /** How wide the result may be; a file or another program takes any width. */
  get width(): number {
    return this.stdout.isTTY === true ? (this.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** A line of the result. The text is ours: what comes from hosts or files is made safe before. */
  line(text = ""): void {
    this.stdout.write(`${text}\n`);
  }

  /** The result for a program. */
  value(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A remark that is no result; with --json every line on standard error is JSON. */
  note(text: string): void {
    if (this.json) this.errorValue({ note: text });
    else this.stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    if (this.json) this.errorValue({ warning: text });
    else this.note(`${this.errorColors.yellow("warning:")} ${printable(text)}`);
  }

  /** A line for a program on standard error. */
  errorValue(value: object): void {
    this.stderr.write(`${JSON.stringify(value)}\n`);
  }
}

/** Output of a container for a terminal: colours stay, every other control sequence is shown. */
export function sanitize(text: string): string {
  return text
    .split(/(\u001b\[[0-9;]{0,30}m)/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part.replaceAll("\r", ""))))
    .join("");
}

const GAP = "   ";
/** A last column narrower than this is put on lines of its own. */
const NARROW = 24;

/**
 * Rows as columns of equal width, a text for each row. Where a row would be longer than `width`,
 * its last cell goes on below itself.
 */
export function columns(
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows.map((row) => {
    const last = row.at(-1) ?? "";
    const start = row
      .slice(0, -1)
      .map((cell, index) => cell.padEnd(widths[index] ?? 0) + GAP)
      .join("");
    if (start.length + last.length <= width) return (start + last).trimEnd();
    if (width - start.length < NARROW) {
      const below = wrapped(last, width - INDENTED, 0).map((line) => " ".repeat(INDENTED) + line);
      return [start.trimEnd(), ...below].join("\n");
    }
    const lines = wrapped(last, width - start.length, 0);
    return lines.map((line, at) => (at === 0 ? start : " ".repeat(start.length)) + line).join("\n");
  });
}

const INDENTED = 4;

/** The text in lines of at most `width`, broken between words; later ones are indented. */
export function wrapped(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line.trim() === "") {
      line = longer;
      continue;
    }
    lines.push(line);
    line = " ".repeat(indent) + word.trimStart();
  }
  return [...lines, line];
}
