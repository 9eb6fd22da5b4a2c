// Which handler a resource type has.
import { FairleadError } from "../../../resources/model/errors.ts";
import { hostHandler } from "../resource/host.ts";
import { partsOf } from "../resource/identity.ts";
import { objectHandler } from "../resource/object.ts";
import type { ResourceHandler } from "../resource/type.ts";
import { OBJECT_KINDS, OBJECTS } from "../schema/catalog.ts";

const HANDLERS = new Map<string, ResourceHandler>([
  ["fairlead:index:Host", hostHandler],
  ...OBJECT_KINDS.map(
    (kind) => [`fairlead:index:${OBJECTS[kind].name}`, objectHandler(kind)] as const,
  ),
]);

/** The handler of the resource that a URN names; throws for a type that there is not. */
export function handlerOf(urn: string): ResourceHandler {
  const { type } = partsOf(urn);
  const found = HANDLERS.get(type);
  if (found) return found;
  throw new FairleadError("invalid", `there is no resource type ${type}`, {
    hint: `There are ${[...HANDLERS.keys()].join(", ")}.`,
  });
}
