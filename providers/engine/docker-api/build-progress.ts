// The lines that an engine tells of a build, as progress by step; and what is known of the step
// that failed.
import type { Readable } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { BuildLine } from "../../../resources/wire.ts";
import { FailureWithEvidence } from "../report/evident-failure.ts";
import { printable } from "../report/printable.ts";
import type { Report } from "../report/report.ts";
import { jsonLines } from "./json-lines.ts";

const KEPT_LINES = 20;
const LONGEST_LINE = 400;

/** The last lines of the steps of one build. */
export class StepLog {
  readonly #report: Report;
  readonly #lines = new Map<string, string[]>();
  /** The step that was told of last, or that has failed. */
  #step = "";
  #failed: string | undefined;
  readonly #cached = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  add({ step, state, text, layer, doneBytes, totalBytes }: BuildLine): void {
    if (step === undefined) return;
    this.#step = step;
    if (state === "failed") this.#failed = step;
    if (state === "cached") this.#cached.add(step);
    if (layer !== undefined) this.#report(layer, text ?? "", doneBytes, totalBytes);
    else if (text !== undefined) this.#write(step, text);
    else if (state !== "done" || !this.#cached.has(step))
      this.#report(step, state === "started" ? "" : (state ?? ""));
  }

  /** The error with the step it is of, and the last that this step wrote. */
  explained(image: string, error: unknown): unknown {
    if (!(error instanceof FairleadError) || error.code === "unavailable") return error;
    const step = this.#failed ?? this.#step;
    const logLines = this.#lines.get(step)?.filter((line) => line !== "") ?? [];
    const at = step === "" ? "" : ` at ${step}`;
    const message = `building ${image} failed${at}: ${error.message}`;
    return new FailureWithEvidence(message, { logLines }, error.hint);
  }

  #write(step: string, text: string): void {
    const lines = this.#lines.get(step) ?? [""];
    this.#lines.set(step, lines);
    const [first = "", ...more] = text.split("\n");
    lines.push((lines.pop() ?? "") + first, ...more);
    for (const [at, line] of lines.entries()) {
      if (line.length > LONGEST_LINE) lines[at] = line.slice(0, LONGEST_LINE);
    }
    lines.splice(0, Math.max(0, lines.length - KEPT_LINES - 1));
    const last = lines.findLast((line) => line.trim() !== "");
    if (last !== undefined) this.#report(step, printable(last).trim());
  }
}

/** Reads the answer of our agent to its end; the id of the image. */
export async function followBuild(body: Readable, log: StepLog): Promise<string> {
  let id: string | undefined;
  for await (const line of jsonLines<BuildLine>(body)) {
    if (line.id !== undefined) id = line.id;
    else log.add(line);
  }
  return id ?? cutShort();
}

interface ClassicLine {
  stream?: string;
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number } | null;
  aux?: { ID?: string };
}

/** The same for Docker's classic builder, whose steps are lines of their own. */
export async function followClassic(body: Readable, log: StepLog): Promise<string> {
  let id: string | undefined;
  let step = "";
  for await (const line of jsonLines<ClassicLine>(body)) {
    if (line.aux?.ID !== undefined) id = line.aux.ID;
    const { stream, status, progressDetail } = line;
    if (stream !== undefined) {
      const found = /^(?:Step|STEP) (\d+\/\d+) ?: (.*)/.exec(stream);
      if (found) step = `[${found[1]}] ${found[2]}`;
      if (found) log.add({ step, state: "started" });
      else if (/^ ---> Using cache/.test(stream)) log.add({ step, state: "cached" });
      else log.add({ step, text: stream });
    } else if (status !== undefined) {
      const { current, total } = progressDetail ?? {};
      log.add({
        ...{ step, text: status, layer: line.id ?? "image" },
        ...(current === undefined ? {} : { doneBytes: current }),
        ...(total === undefined ? {} : { totalBytes: total }),
      });
    }
  }
  return id ?? cutShort();
}

function cutShort(): never {
  throw new FairleadError("unavailable", "the build's answer ended before its image was made", {
    hint: "run the same command again: steps that are done are not done again",
  });
}
