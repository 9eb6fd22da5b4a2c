import { describe, expect, test } from "vitest";
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import { bare, container, planOf, seen, there } from "./planned.ts";

describe("a container that is declared on another host now", () => {
  const moved = (mounts: object[] = []) => {
    const old = { ...seen("web"), Mounts: mounts } as ReturnType<typeof seen>;
    return { a: bare({ containers: [old], images: there() }), b: bare({ images: there() }) };
  };
  const there_ = [container("web", {}, [], "b")];
  const steps = (hosts: Record<string, ObservedHost>, more = {}) =>
    planOf(there_, hosts, more).operations.map(({ id }) => id);

  test("is removed here once it is well there", () => {
    const { operations, orphans, notes } = planOf(there_, moved());
    expect(operations.map(({ id }) => id)).toEqual([
      "b/container/web create",
      "a/container/web remove shop-web",
    ]);
    expect(operations[1]).toMatchObject({
      ...{ cause: "moves to b", dependsOn: ["b/container/web create"] },
    });
    expect([orphans, notes]).toEqual([[], []]);
  });

  test("is removed first when it has a volume, whose data stays", () => {
    const hosts = moved([{ Type: "volume", Name: "shop_data", Destination: "/d" }]);
    expect(steps(hosts)).toEqual(["a/container/web remove shop-web", "b/container/web create"]);
    expect(planOf(there_, hosts).notes).toEqual([
      "a/container/web moves to b: the data of volume shop_data stays on a; " +
        "copy it if it is needed",
    ]);
  });

  test("is removed also when it runs there already", () => {
    const hosts = { ...moved(), b: bare({ containers: [seen("web")], images: there() }) };
    expect(steps(hosts)).toEqual(["a/container/web remove shop-web"]);
  });

  test("is no orphan while the plan is for others, or not for its new host", () => {
    const both = [...there_, container("db", {}, [], "b")];
    const { a, b } = moved();
    const which = { removeOrphans: true };
    for (const plan of [
      planOf(both, { a, b }, { ...which, only: ["db"] }),
      planOf(both, { a, b }, { ...which, hosts: ["a"] }),
    ]) {
      expect(plan.operations.map(({ host }) => host)).not.toContain("a");
      expect(plan.orphans).toEqual([]);
      expect(plan.notes).toEqual([
        "a/container/web moves to b, which is not in this plan: it stays until a plan has both",
      ]);
    }
  });

  test("leaves the data of volumes without a name too, and is well there first", () => {
    const hosts = moved([{ Type: "volume", Name: "7".repeat(64), Destination: "/d" }]);
    expect(steps(hosts)).toEqual(["b/container/web create", "a/container/web remove shop-web"]);
    expect(planOf(there_, hosts).notes).toEqual([
      "a/container/web moves to b: the data of volume 777777777777 (/d) stays on a; " +
        "copy it if it is needed",
    ]);
  });

  test("is no other of the name that is declared here as well", () => {
    const both = [container("web"), ...there_];
    expect(planOf(both, moved()).operations.map(({ id }) => id)).toEqual([
      "b/container/web create",
    ]);
  });
});
