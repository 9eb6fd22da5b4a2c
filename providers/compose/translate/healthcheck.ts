// A service's healthcheck, as the resource has it.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import type { Healthcheck } from "../model/types.ts";

type HealthcheckInput = NonNullable<ContainerInput["healthcheck"]>;

/** The healthcheck; `disable: true` and the test NONE mean the same. */
export function healthcheckOf(check: Healthcheck | undefined): HealthcheckInput | undefined {
  if (check === undefined) return undefined;
  if (check.disable || check.test?.[0] === "NONE") return { disable: true };
  const result: HealthcheckInput = {};
  if (check.test !== undefined) result.test = check.test;
  if (check.interval !== undefined) result.interval = check.interval;
  if (check.timeout !== undefined) result.timeout = check.timeout;
  if (check.retries !== undefined) result.retries = check.retries;
  if (check.start_period !== undefined) result.startPeriod = check.start_period;
  if (check.start_interval !== undefined) result.startInterval = check.start_interval;
  return result;
}
