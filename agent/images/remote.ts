// Reads a file from a web server, for `docker import URL`.
import type { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { show } from "./digest.ts";
import { isInsecureHost, Transport } from "./registry-transport.ts";

export interface Remote {
  stream: Readable;
  close(): Promise<void>;
}

/** Opens an http or https URL; `unavailable` when the server does not have it. */
export async function openRemote(text: string, signal?: AbortSignal): Promise<Remote> {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new FairleadError("invalid", `fromSrc: ${show(text)} is not an http or https URL`);
  }
  const insecure = url.protocol === "http:" || isInsecureHost(url.host);
  const transport = new Transport({ insecure });
  try {
    const response = await transport.send({ url, ...(signal === undefined ? {} : { signal }) });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new FairleadError("unavailable", `${url.host} answered ${response.statusCode}`);
    }
    return { stream: response.body, close: () => transport.close() };
  } catch (error) {
    await transport.close();
    throw error;
  }
}
