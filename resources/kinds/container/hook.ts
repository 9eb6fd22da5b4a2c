// What is run in a container after it has started and before it is stopped.
import * as z from "zod";
import { absolutePath, bool, line, secretText, text } from "../../model/scalars.ts";

export const hooks = z.array(
  z.strictObject({
    command: z.array(text).min(1).describe("Program and arguments."),
    user: line.optional().describe("User and group; the container's."),
    privileged: bool.optional().describe("With all capabilities; no."),
    workingDir: absolutePath.optional().describe("Working directory; the container's."),
    env: z.record(line, secretText).optional().describe("Further environment variables."),
  }),
);

export type Hook = z.output<typeof hooks>[number];
