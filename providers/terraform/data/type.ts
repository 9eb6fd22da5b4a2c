// What a data source and an ephemeral resource answer.

import type { Session } from "../resource/type.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { Diagnostic } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";

export interface DataSource {
  name: string;
  doc: string;
  attributes: Attribute[];
  validate?(config: TerraformObject): Diagnostic[];
  /** The whole object; throws when what is asked for is not there. */
  read(config: TerraformObject, session: Session): Promise<TerraformObject>;
}

export interface Ephemeral {
  name: string;
  doc: string;
  attributes: Attribute[];
  /** The whole object, and a key by which it is closed. */
  open(
    config: TerraformObject,
    session: Session,
  ): Promise<{ result: TerraformObject; key: string }>;
  close(key: string): Promise<void>;
}
