// What a health check may say, in dockerd's words.
import type { HealthConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { healthcheckOf } from "../../../runtime/spec-shim.ts";

const MINIMUM_NANO = 1_000_000;

/** Refuses times below a millisecond, other than 0 for the default, and a negative count. */
export function checkHealthcheck(check: HealthConfig | undefined): void {
  if (!check) return;
  for (const key of ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const) {
    const nano = check[key] ?? 0;
    if (nano === 0 || nano >= MINIMUM_NANO) continue;
    throw new FairleadError("invalid", `${key} in Healthcheck cannot be less than 1ms`);
  }
  if ((check.Retries ?? 0) < 0) {
    throw new FairleadError("invalid", "Retries in Healthcheck cannot be negative");
  }
  healthcheckOf(check);
}
