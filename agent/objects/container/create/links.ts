// Docker's legacy links, and names of its own for others: reading them from a request. Pure.
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { parseLink } from "../../../../resources/model/link.ts";
import { isHostNetwork, networkNamed, PREDEFINED_NAMES } from "../../network/predefined.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import type { LinkRecord } from "../state/record.ts";

/** A link of an endpoint, as inspect shows it; `invalid` when it is none. */
export function readLink(text: string): { name: string; alias: string } {
  const link = parseLink(text);
  if (link) return link;
  throw new FairleadError("invalid", `bad format for links: ${text}`, {
    hint: "write NAME or NAME:ALIAS",
  });
}

/**
 * The links of a container on the default network; those of other networks are their endpoints'.
 * A linked container is known by its id, so that it stays the same when it is renamed.
 */
export function legacyLinks(host: HostConfig, parts: ContainerParts): LinkRecord[] {
  const texts = host.Links ?? [];
  const mode = networkNamed(host.NetworkMode);
  if (texts.length === 0) return [];
  if (isHostNetwork(mode)) throw conflict("host type networking");
  if (mode.startsWith("container:")) throw conflict("container type network");
  if (!PREDEFINED_NAMES.includes(mode)) return [];
  return texts.map((text) => {
    const { name, alias } = readLink(text);
    const { id } = linkable(name, parts);
    return { id, name, alias };
  });
}

function linkable(name: string, parts: ContainerParts): Container {
  const found = parts.containers.find(name);
  if (!found) {
    const message = `could not get container for ${name}: No such container: ${name}`;
    throw new FairleadError("invalid", message);
  }
  const mode = found.record.hostConfig.NetworkMode ?? "";
  if (isHostNetwork(mode)) throw conflict("host type networking");
  // Whoever has its network is the one that can be reached.
  return mode.startsWith("container:") ? linkable(mode.slice("container:".length), parts) : found;
}

function conflict(what: string): FairleadError {
  return new FairleadError(
    "invalid",
    `conflicting options: ${what} can't be used with links. ` +
      "This would result in undefined behavior",
  );
}
