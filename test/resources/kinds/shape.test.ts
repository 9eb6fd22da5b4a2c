import { describe, expect, test } from "vitest";
import { KINDS } from "../../../resources/kinds/registry.ts";
import {
  type FieldShape,
  type Shape,
  type ShapedKind,
  shapeOf,
  typeOf,
} from "../../../resources/kinds/shape.ts";

function inside(shape: Shape): FieldShape[] {
  if (shape.kind === "object") return shape.fields.flatMap((one) => [one, ...inside(one.shape)]);
  return shape.kind === "list" || shape.kind === "map" ? inside(shape.of) : [];
}
const field = (kind: ShapedKind, name: string) => shapeOf(kind).find((one) => one.name === name)!;

describe("the shapes", () => {
  test.each(["host", ...KINDS.map(({ kind }) => kind)] as ShapedKind[])(
    "of a %s cover every field, each with a sentence, inside of fields too",
    (kind) => {
      const shapes = shapeOf(kind);
      expect(shapes.map(({ name }) => name)).toEqual(Object.keys(typeOf(kind).shape));
      const all = shapes.flatMap((one) => [one, ...inside(one.shape)]);
      expect(all.filter(({ doc }) => !doc.endsWith(".")).map(({ name }) => name)).toEqual([]);
    },
  );

  test("are the fullest form of what may be written in several", () => {
    expect(field("container", "ports").shape).toMatchObject({
      kind: "list",
      of: { kind: "object", fields: [{ name: "target", required: true }, {}, {}, {}] },
    });
    expect(field("container", "memorySwap").shape).toEqual({ kind: "string", form: "bytes" });
    expect(field("container", "ulimits").shape).toMatchObject({ of: { kind: "object" } });
    const mounts = inside(field("container", "mounts").shape);
    expect(mounts.find(({ name }) => name === "type")?.shape).toEqual({
      kind: "string",
      values: ["bind", "volume", "tmpfs"],
    });
    expect(mounts.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      "type",
      "target",
    ]);
  });

  test("say what a change means, and what cannot be taken away from what runs", () => {
    expect(field("container", "image")).toMatchObject({ rule: "replace", required: true });
    expect(field("container", "restart")).toMatchObject({ rule: "update", clearable: true });
    expect(field("container", "memory")).toMatchObject({ rule: "update", clearable: false });
    expect(field("volume", "driver").rule).toBe("refuse");
    expect(field("host", "password").secret).toBe(true);
  });
});
