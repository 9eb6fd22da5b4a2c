// What a kind of volume must be able to do.
import type { MountRequest } from "../../native/index.ts";

export interface VolumeDriver {
  readonly name: string;
  /** Keys of the options that it takes. */
  readonly options: readonly string[];
  /** Refuses options that cannot be honoured: `invalid` says which. */
  check(options: Readonly<Record<string, string>>): void;
  /** What must be mounted at a volume's directory; undefined when the directory is the volume. */
  mountOf(
    options: Readonly<Record<string, string>>,
    directory: string,
  ): Promise<MountRequest | undefined>;
}
