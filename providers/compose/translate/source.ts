// What one container of a service is made from.
import type { Service } from "../model/types.ts";
import type { ServiceExtension } from "./extension.ts";
import type { Replica } from "./placement.ts";

/** Everything that one container of a service is made from. */
export interface ContainerSource {
  replica: Replica;
  service: Service;
  extension: ServiceExtension;
  /** Reference of the image. */
  image: string;
  /** The other containers of the stack. */
  replicas: readonly Replica[];
  /** Whether its host is this machine. */
  isLocal: boolean;
}

/** The object without fields that are not given. */
export function given<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Partial<Value>;
}
