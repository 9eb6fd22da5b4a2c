// Progress of a long step, and the progress lines of an engine turned into it.
import type { Readable } from "node:stream";
import { jsonLines } from "../docker-api/json-lines.ts";

/** Tells how far a part is. */
export type Report = (
  subject: string,
  text: string,
  doneBytes?: number,
  totalBytes?: number,
) => void;

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
