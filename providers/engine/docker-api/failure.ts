// Turns what an engine or the line to it reports into FairleadErrors.
import type { Readable } from "node:stream";
import { codeOf, FairleadError } from "../../../resources/model/errors.ts";
import { printable } from "../report/printable.ts";
import type { EngineRequest } from "./client.ts";

const MAX_MESSAGE_BYTES = 64 * 1024;

/** The error that an answer of status 400 or more stands for; reads and closes the body. */
export async function refusal(
  host: string,
  status: number,
  body: Readable,
): Promise<FairleadError> {
  const text = await startOf(body);
  let message = text.trim();
  try {
    const parsed: unknown = JSON.parse(text);
    const said = (parsed as { message?: unknown } | null)?.message;
    if (typeof said === "string" && said !== "") message = said;
  } catch {
    // Proxies and old engines answer in plain text, which is then the message.
  }
  const sentence = printable(message) || `the engine answered with status ${status}`;
  return new FairleadError(codeOf(status), `${host}: ${sentence}`);
}

/** What a request that got no answer means; errors that already say it pass through. */
export function brokenRequest(host: string, error: unknown, request: EngineRequest): unknown {
  const { signal } = request;
  if (signal?.aborted) return signal.reason;
  if (error instanceof FairleadError) return error;
  // A fault of our own is no silence of the host: waiting would not mend it.
  if (error instanceof TypeError) return error;
  const { code, message } = error as Error & { code?: string };
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    const message = `${host}: the engine stopped answering while ${stepOf(request)}`;
    return new FairleadError("unavailable", message, {
      hint: "run the same command again; see the engine's log on the host",
      cause: error,
    });
  }
  return new FairleadError("unavailable", `${host}: the line to the engine broke: ${message}`, {
    hint: "run the same command again; what was done stays done",
    cause: error,
  });
}

/** What a request is for, in words. */
export function stepOf({ step, method, path }: EngineRequest): string {
  return step ?? `asking for ${method} ${path}`;
}

async function startOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of body) {
      chunks.push(Buffer.from(chunk));
      total += chunk.length;
      if (total >= MAX_MESSAGE_BYTES) break;
    }
  } catch {
    // Half of the sentence is better than none.
  }
  body.destroy();
  return Buffer.concat(chunks).toString("utf8").slice(0, MAX_MESSAGE_BYTES);
}
