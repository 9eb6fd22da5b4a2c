// What must be able to tell the containers of a network each other's addresses by name.
import type { SandboxRecord } from "../model/record.ts";

export interface Discovery {
  /** The file from which the resolvers in the shims answer for a network; see name-tables.ts. */
  table(networkId: string): string;
  /** Tells who is in a network now; `sandboxes` may also have others. */
  publish(networkId: string, sandboxes: Iterable<SandboxRecord>): Promise<void>;
  /** Forgets a network; one that is not known is fine. */
  withdraw(networkId: string): Promise<void>;
  /** Forgets all networks but these, which an earlier agent may have published. */
  keepOnly(networkIds: ReadonlySet<string>): Promise<void>;
}
