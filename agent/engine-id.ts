// The id under which clients know this engine: made once, and kept.
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { recordForm, writeRecord } from "./state/record.ts";
import type { RecordStore } from "./state/record-store.ts";

const engineForm = recordForm<{ id: string }>(
  { what: "the id of this engine", remedy: "it has got a new one; remove the file", version: 1 },
  z.looseObject({ id: z.string().min(1) }),
);

export async function engineId(root: string, records: RecordStore): Promise<string> {
  const path = `${root}/engine.json`;
  const reading = await records.read(engineForm, path);
  if (reading && "record" in reading) return reading.record.id;
  const id = randomUUID();
  await writeRecord(engineForm, path, { id });
  return id;
}
