// What a container sees of the host's files: bind mounts, volumes, tmpfs; and small files it is given.
import { z } from "zod";
import { absolutePath, bool, bytes, line, secretText } from "./scalars.ts";

const target = absolutePath.transform((path) => path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1"));
const propagation = z.enum(["private", "rprivate", "shared", "rshared", "slave", "rslave"]);
const relative = line.refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
  error: "must be a path inside the volume",
});
const mode = z.int().min(0).max(0o7777);

const bind = z.strictObject({
  type: z.literal("bind"),
  source: absolutePath,
  target,
  readOnly: bool.optional(),
  propagation: propagation.optional(),
  /** Make the directory on the host when it is missing. */
  createHostPath: bool.optional(),
});

const volume = z.strictObject({
  type: z.literal("volume"),
  /** A volume of the stack, or the name of one on the host; absent makes an anonymous one. */
  source: line.optional(),
  target,
  readOnly: bool.optional(),
  /** Do not copy what the image has at the target into an empty volume. */
  noCopy: bool.optional(),
  subpath: relative.optional(),
});

const tmpfs = z.strictObject({
  type: z.literal("tmpfs"),
  target,
  size: bytes.optional(),
  mode: mode.optional(),
  readOnly: bool.optional(),
});

/** Mounts, one for each target. */
export const mounts = z
  .array(z.discriminatedUnion("type", [bind, volume, tmpfs]))
  .superRefine((list, context) => refuseDoubles(list, context));

/** Small files, kept with the container and read-only in it; a later source wins nothing. */
export const files = z
  .array(
    z
      .strictObject({
        target,
        /** The content, which may be marked secret. */
        content: secretText.optional(),
        /** Bytes that are no text are given as base64. */
        encoding: z.enum(["utf8", "base64"]).optional(),
        /** A file on the machine that runs fairlead, read when the plan is made. */
        source: line.optional(),
        uid: z.int().min(0).max(0xffff_fffe).optional(),
        gid: z.int().min(0).max(0xffff_fffe).optional(),
        mode: mode.optional(),
        /** Hash the content with a salt and never show it. */
        secret: bool.optional(),
      })
      .refine((file) => (file.content === undefined) !== (file.source === undefined), {
        error: "needs either content or source",
      }),
  )
  .superRefine((list, context) => refuseDoubles(list, context));

export type Mount = z.output<typeof mounts>[number];
export type File = z.output<typeof files>[number];

function refuseDoubles(list: { target: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [at, { target }] of list.entries()) {
    if (seen.has(target)) {
      const message = `${target} is the target of another entry`;
      context.addIssue({ code: "custom", message, path: [at, "target"] });
    }
    seen.add(target);
  }
}
