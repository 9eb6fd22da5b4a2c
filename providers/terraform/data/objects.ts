// Data sources of what is on a host, made here or not: a container, image, network, volume.
import { importedFields } from "../../../resources/kinds/read-back.ts";
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
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
  const { nameFor, type } = kindOf(kind);
  const fields = attributesOf(
    shapeOf(kind).filter(({ name, isShown }) => isShown && name !== "name"),
  );
  const seenFields = fields.map(
    (one): Attribute => ({ ...one, mode: "computed", sensitive: false }),
  );
  const name: Attribute = {
    ...{ name: "name", type: { kind: "string" }, mode: "required", rule: "replace" },
    doc: shapeOf(kind).find((one) => one.name === "name")?.doc ?? "Name on the host.",
  };
  // What has labels without being declared with them.
  const isLabelled = !("labels" in type.shape);
  const labels = isLabelled ? [computedLabels] : [];
  const attributes = [
    computed("id", "`HOST/NAME`."),
    ...[hostArgument, name, ...seenFields, ...labels, ...facts],
  ];
  return {
    ...{ name: `fairlead_${kind}`, doc: `What ${article(kind)} on a host is.`, attributes },
    async read(config, session) {
      const host = String(config.host);
      const given = String(config.name);
      const object = nameFor?.(given) ?? given;
      const connection = await session.connections.find(host);
      const { seen } = await session.observer.see(connection, kind, object);
      if (!seen) throw new FairleadError("not_found", `there is no ${kind} ${object} on ${host}`);
      const state: TerraformObject = {
        ...fromFields(attributes, importedFields({ kind, seen })),
        ...shown(kind, seen),
        ...{ id: `${host}/${object}`, host, name: given },
      };
      if (isLabelled) state.labels = userLabels(labelsOf(kind, seen));
      return state;
    },
  };
}

const computedLabels = computed("labels", "Its labels.", {
  type: { kind: "map", of: { kind: "string" } },
});

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
