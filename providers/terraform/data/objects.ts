// Data sources of what is on a host, made here or not: a container, image, network, volume.
import { importedFields, type Seen } from "../../../resources/kinds/read-back.ts";
import type { Kind } from "../../../resources/kinds/registry.ts";
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { familiarReference, parseReference } from "../../../resources/model/reference.ts";
import { userLabels } from "../../../resources/plan/ownership.ts";
import { labelsOf } from "../../engine/single/definition.ts";
import { shown, shownAttributes } from "../resource/definition.ts";
import { type Attribute, attributesOf, computed } from "../schema/attribute.ts";
import { fromFields, type TerraformObject } from "../schema/translate.ts";
import type { DataSource } from "./type.ts";

export const hostArgument: Attribute = {
  ...{ name: "host", type: { kind: "string" }, mode: "required", rule: "replace" },
  doc: "Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`.",
};

/** The data source of a kind of object. */
export function objectSource(kind: Kind): DataSource {
  const facts = shownAttributes(kind);
  // An image is named and shows what it is; the others show what they were declared with.
  const fields = kind === "image" ? [] : attributesOf(shapeOf(kind)).filter(isShown);
  const seenFields = fields.map(
    (one): Attribute => ({ ...one, mode: "computed", sensitive: false }),
  );
  const name: Attribute = {
    ...{ name: "name", type: { kind: "string" }, mode: "required", rule: "replace" },
    doc: kind === "image" ? "Reference of the image." : "Name on the host.",
  };
  const labels = kind === "image" ? [computedLabels] : [];
  const attributes = [
    computed("id", "`HOST/NAME`."),
    ...[hostArgument, name, ...seenFields, ...labels, ...facts],
  ];
  return {
    ...{ name: `fairlead_${kind}`, doc: `What ${article(kind)} on a host is.`, attributes },
    async read(config, session) {
      const host = String(config.host);
      const given = String(config.name);
      const object = kind === "image" ? familiarReference(parseReference(given)) : given;
      const connection = await session.connections.find(host);
      const { seen } = await session.observer.see(connection, kind, object);
      if (!seen) throw new FairleadError("not_found", `there is no ${kind} ${object} on ${host}`);
      const found = kind === "image" ? {} : importedFields({ kind, seen } as Seen);
      const state: TerraformObject = {
        ...fromFields(attributes, found),
        ...shown(kind, seen),
        ...{ id: `${host}/${object}`, host, name: given },
      };
      if (kind === "image") state.labels = userLabels(labelsOf(kind, seen));
      return state;
    },
  };
}

const computedLabels = computed("labels", "Its labels.", {
  type: { kind: "map", of: { kind: "string" } },
});

// What only steers an apply is on no host, and files are not shown by any engine.
function isShown({ name, rule }: Attribute): boolean {
  return name !== "name" && rule !== "policy" && name !== "files" && name !== "platform";
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
