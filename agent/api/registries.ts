// The X-Registry-Config header, in which a client gives the credentials that a build may need.
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import { decode } from "./json.ts";

/** X-Registry-Config has the credentials of every registry; a pull takes those of one. */
export function readRegistries(
  header: string | string[] | undefined,
): (domain: string) => string | undefined {
  if (typeof header !== "string" || header === "") return () => undefined;
  let known: Record<string, object>;
  try {
    const text = Buffer.from(header, "base64").toString("utf8");
    // Go's client without any sends null.
    const shape = z.nullable(z.record(z.string(), z.looseObject({})));
    known = decode(shape, JSON.parse(text)) ?? {};
  } catch {
    throw new FairleadError("invalid", "X-Registry-Config cannot be read");
  }
  return (domain) => {
    const names = domain === "docker.io" ? ["https://index.docker.io/v1/", domain] : [domain];
    const found = names.map((name) => known[name]).find((one) => one !== undefined);
    return found && Buffer.from(JSON.stringify(found)).toString("base64url");
  };
}
