// The progress lines of a pull or of an image that is made, as reports.
import type { Readable } from "node:stream";
import type { Report } from "../report/report.ts";
import { jsonLines } from "./json-lines.ts";

interface ProgressLine {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number } | null;
}

/** Reports progress lines until the stream ends; a line with an error throws. */
export async function reportLines(body: Readable, report: Report): Promise<void> {
  for await (const line of jsonLines<ProgressLine>(body)) {
    if (line.status === undefined) continue;
    const { current, total } = line.progressDetail ?? {};
    report(line.id ?? "image", line.status, current, total);
  }
}
