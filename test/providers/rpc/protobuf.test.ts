import { describe, expect, test } from "vitest";
import { decode, encode, message } from "../../../providers/rpc/protobuf.ts";

const Inner = message({ name: [1, "string"], at: [2, "int64", "optional"] });
const Outer = message({
  text: [1, "string"],
  raw: [2, "bytes"],
  flag: [3, "bool"],
  count: [4, "int64"],
  kind: [5, "enum"],
  inner: [6, Inner],
  list: [7, [Inner]],
  numbers: [8, ["int32"]],
  map: [9, { map: Inner }],
  ratio: [10, "double"],
});

describe("messages as tables", () => {
  test("come back as they went", () => {
    const value = {
      text: "naïve",
      raw: Uint8Array.of(0, 255),
      flag: true,
      count: -5,
      kind: 3,
      inner: { name: "a", at: 0 },
      list: [
        { name: "b", at: undefined },
        { name: "", at: 7 },
      ],
      numbers: [1, -1, 70_000],
      map: { "": { name: "x", at: undefined }, ["__proto__"]: { name: "y", at: 1 } },
      ratio: 0.1,
    };
    expect(decode(Outer, encode(Outer, value))).toEqual(value);
  });

  test("are as small as proto3 makes them, and known to any reader", () => {
    expect([...encode(Outer, { text: "", count: 0, flag: false, list: [] })]).toEqual([]);
    expect([...encode(Outer, { text: "hi", flag: true })]).toEqual([10, 2, 104, 105, 24, 1]);
  });

  test("have defaults for what was not sent, and pass over what is not known", () => {
    const bytes = Uint8Array.of(0xa2, 0x06, 1, 9, 24, 1);
    expect(decode(Outer, bytes)).toMatchObject({ text: "", flag: true, list: [], map: {} });
    expect(decode(Outer, bytes).inner).toBeUndefined();
  });

  test("read packed numbers", () => {
    expect(decode(Outer, Uint8Array.of(66, 3, 1, 2, 3)).numbers).toEqual([1, 2, 3]);
  });

  test("that are cut short or lie about their length are refused", () => {
    const whole = encode(Outer, { inner: { name: "something" }, raw: Uint8Array.of(1, 2, 3) });
    for (let length = 1; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      expect(() => {
        const value = decode(Outer, cut);
        if (!value.inner || value.inner.name === "something") return;
        throw new RangeError("half a message");
      }).not.toThrow(TypeError);
    }
    expect(() => decode(Outer, Uint8Array.of(50, 100, 1))).toThrow();
  });
});
