// The bodies of execs.
import * as z from "zod";
import { command, flag, text, texts } from "./values.ts";

export const execBody = z.object({
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ConsoleSize: z.optional(z.array(z.int())),
  DetachKeys: text,
  Tty: flag,
  Env: texts,
  Cmd: command,
  Privileged: flag,
  User: text,
  WorkingDir: text,
});

export const execStartBody = z.object({
  Detach: flag,
  Tty: flag,
  ConsoleSize: z.optional(z.array(z.int())),
});
