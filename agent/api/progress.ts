// Answers that are streams of JSON lines: they begin with the first line, so that a failure before
// it still is a status code; a failure after it is the last line, as Docker's clients expect.
import { FairleadError } from "../../resources/model/errors.ts";
import { AGENT_HEADERS } from "./call.ts";
import type { Call } from "./route.ts";

/** Runs work that reports; ends the response. */
export async function streamProgress(
  call: Call,
  work: (report: (line: object) => void) => Promise<void>,
): Promise<void> {
  const { response } = call;
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(200, { ...AGENT_HEADERS, "Content-Type": "application/json" });
  };
  const report = (line: object) => {
    if (response.destroyed) return;
    begin();
    response.write(`${JSON.stringify(line)}\r\n`);
  };
  try {
    await work(report);
  } catch (error) {
    if (!response.headersSent) throw error;
    const hint = error instanceof FairleadError && error.hint ? `: ${error.hint}` : "";
    const message = `${(error as Error).message}${hint}`;
    report({ errorDetail: { message }, error: message });
  }
  begin();
  response.end();
}
