import { describe, expect, test } from "vitest";
import {
  delayAfterLoss,
  policyWantsStart,
} from "../../../../../agent/objects/container/run/restart-policy.ts";
import type { Container } from "../../../../../agent/objects/container/state/container.ts";

/** A container that ended so many seconds after it began. */
function container(policy: object, state: object = {}, ranSeconds = 1): Container {
  const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000).toISOString();
  return {
    record: { hostConfig: { RestartPolicy: policy } },
    state: {
      ...{ startedAt: at(0), finishedAt: at(ranSeconds), exitCode: 255 },
      ...{ stopRequested: false, restartCount: 0, ...state },
    },
    losses: { count: 0, delayMs: 0 },
  } as unknown as Container;
}

describe("a container whose shim was lost", () => {
  test("comes back later each time, at most after a minute", () => {
    const lost = container({ Name: "always" });
    const delays = Array.from({ length: 12 }, () => delayAfterLoss(lost));
    expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(delays.slice(-2)).toEqual([60_000, 60_000]);
  });

  test("begins anew with the waiting once it has run for ten seconds", () => {
    const lost = container({ Name: "always" }, {}, 10);
    expect([delayAfterLoss(lost), delayAfterLoss(lost)]).toEqual([100, 100]);
  });

  test("comes back only so often when its policy says how often", () => {
    const lost = container({ Name: "on-failure", MaximumRetryCount: 2 });
    expect([1, 2, 3].map(() => delayAfterLoss(lost))).toEqual([100, 200, undefined]);
    expect(policyWantsStart(lost)).toBe(false);
  });

  const CASES: [policy: object, state: object, wanted: boolean][] = [
    [{ Name: "no" }, {}, false],
    [{ Name: "always" }, { stopRequested: true }, true],
    [{ Name: "unless-stopped" }, { stopRequested: true }, false],
    [{ Name: "unless-stopped" }, {}, true],
    [{ Name: "on-failure" }, { exitCode: 0 }, false],
    [{ Name: "on-failure" }, { exitCode: 1, restartCount: 50 }, true],
    [{ Name: "on-failure", MaximumRetryCount: 3 }, { restartCount: 3 }, false],
  ];
  test.each(CASES)("%j %j: comes back: %s", (policy, state, wanted) => {
    expect(policyWantsStart(container(policy, state))).toBe(wanted);
  });
});
