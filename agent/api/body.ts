// Reads request bodies within bounds and decodes JSON; what the keys mean is checked elsewhere.
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";

const LIMIT_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** The JSON body of a request, `undefined` when it has none; `invalid` when it is not JSON. */
export async function readJson(request: IncomingMessage, body: Readable): Promise<unknown> {
  const bytes = await readBody(body);
  if (bytes.length === 0) return undefined;
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json") {
    throw new FairleadError(
      "invalid",
      `unsupported Content-Type header (${type.slice(0, 100)}): must be 'application/json'`,
    );
  }
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const { message } = error as Error;
    const after = / after JSON /.test(message);
    throw new FairleadError(
      "invalid",
      after ? "unexpected content after JSON" : `invalid JSON: ${message}`,
    );
  }
}

/** Everything a stream holds, at most 4 MiB and for at most 30 s. */
async function readBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => {
    body.destroy(new FairleadError("invalid", "the request body did not arrive within 30 s"));
  }, TIMEOUT_MS);
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > LIMIT_BYTES) {
        throw new FairleadError("invalid", `the request body is larger than ${LIMIT_BYTES} bytes`);
      }
      chunks.push(chunk as Buffer);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}
