// What a container may use of the host's block devices, in Docker's terms.
import * as z from "zod";
import { absolutePath, bytes } from "../../model/scalars.ts";

const weight = z.int().min(10).max(1000);
const path = absolutePath.describe("Block device of the host.");
const bytesPerSecond = z.array(
  z.strictObject({ path, rate: bytes.describe("Bytes a second, such as 10m.") }),
);
const operationsPerSecond = z.array(
  z.strictObject({ path, rate: z.int().min(1).describe("Operations a second.") }),
);

export const blockIo = z.strictObject({
  weight: weight.optional().describe("Weight against other containers, from 10 to 1000."),
  weightDevices: z
    .array(z.strictObject({ path, weight: weight.describe("Weight, from 10 to 1000.") }))
    .optional()
    .describe("Weights of single devices."),
  readBps: bytesPerSecond.optional().describe("Most that is read, by device."),
  writeBps: bytesPerSecond.optional().describe("Most that is written, by device."),
  readIops: operationsPerSecond.optional().describe("Most read operations, by device."),
  writeIops: operationsPerSecond.optional().describe("Most write operations, by device."),
});

export type BlockIo = z.output<typeof blockIo>;
