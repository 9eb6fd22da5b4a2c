// How a container is asked whether it is well. One type for containers and for images made here.
import * as z from "zod";
import { bool, duration, text } from "../../model/scalars.ts";

export const healthcheck = z
  .strictObject({
    // Text is run by a shell; a list is run as it is (after `CMD` or `CMD-SHELL`, or bare).
    test: z
      .union([text, z.array(text).min(1)], { error: "must be text or a list of text" })
      .transform(normalTest)
      .optional()
      .describe("Command, after CMD, or after CMD-SHELL for a shell."),
    interval: duration.optional().describe("Time between two checks; 30s."),
    timeout: duration.optional().describe("Time a check may take; 30s."),
    retries: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe("Failures in a row that make it unhealthy; 3."),
    startPeriod: duration.optional().describe("Time in which failures do not count; 0s."),
    startInterval: duration.optional().describe("Time between checks in the start period; 5s."),
    disable: bool.optional().describe("Switch off the check that the image brings."),
  })
  .refine((check) => !(check.disable && check.test), {
    error: "cannot be disabled and have a test",
  });

export type Healthcheck = z.output<typeof healthcheck>;

function normalTest(test: string | string[]): string[] {
  if (typeof test === "string") return ["CMD-SHELL", test];
  return ["CMD", "CMD-SHELL", "NONE"].includes(test[0]!) ? test : ["CMD", ...test];
}
