// Which Engine API versions the agent speaks, and how a path names one.
import { FairleadError } from "../../resources/model/errors.ts";

/** The newest version that the types of `@docker/node-sdk` describe in full. */
export const NEWEST_API = "1.51";
export const OLDEST_API = "1.24";

/** Splits `/v1.47/containers/json` into its version and the path that routes match. */
export function splitVersion(path: string): { apiVersion: number; path: string } {
  const [, minor, rest] = /^\/v1\.(\d{1,3})(\/.*)$/.exec(path) ?? [];
  if (minor === undefined || rest === undefined) {
    return { apiVersion: Number(NEWEST_API), path };
  }
  const asked = Number(minor);
  if (asked > minorOf(NEWEST_API)) {
    throw new FairleadError(
      "invalid",
      `client version 1.${minor} is too new. Maximum supported API version is ${NEWEST_API}`,
    );
  }
  if (asked < minorOf(OLDEST_API)) {
    throw new FairleadError(
      "invalid",
      `client version 1.${minor} is too old. Minimum supported API version is ${OLDEST_API}, ` +
        "please upgrade your client to a newer version",
    );
  }
  return { apiVersion: Number(`1.${minor}`), path: rest };
}

function minorOf(version: string): number {
  return Number(version.slice(2));
}
