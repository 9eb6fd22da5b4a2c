// What a container sees of the host's files: bind mounts, volumes, tmpfs; and files it is given.
import * as z from "zod";
import { absolutePath, bool, bytes, line, secretText } from "../../model/scalars.ts";

const target = absolutePath.transform((path) => path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1"));
const propagation = z.enum(["private", "rprivate", "shared", "rshared", "slave", "rslave"]);
const relative = line.refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
  error: "must be a path inside the volume",
});
const mode = z.int().min(0).max(0o7777);

// What moby's pkg/mount and the kernel's tmpfs(5) know.
const FLAGS = "rw|(no)?(suid|dev|exec|mand|atime|diratime|relatime|strictatime)|sync|async|dirsync";
const VALUES =
  "(size|nr_blocks|nr_inodes)=\\d+[kmgKMG%]?|(uid|gid)=\\d+|mpol=[a-z]+([=:][a-z0-9-]+)*";
const tmpfsOption = line.regex(new RegExp(`^(${FLAGS}|${VALUES})$`), {
  error: "is no option of a tmpfs, such as uid=1000, gid=1000, exec or nr_inodes=1k",
});

const KIND = "bind, volume or tmpfs.";
const SOURCE = "Host directory, or volume by name; a volume without name is anonymous.";
const TARGET = "Path in the container.";
const READ_ONLY = "Mount it read-only.";

const bind = z.strictObject({
  type: z.literal("bind").describe(KIND),
  source: absolutePath.describe(SOURCE),
  target: target.describe(TARGET),
  readOnly: bool.optional().describe(READ_ONLY),
  propagation: propagation.optional().describe("How mounts below a bind mount spread."),
  createHostPath: bool.optional().describe("Make the host directory of a bind mount."),
});

const volume = z.strictObject({
  type: z.literal("volume").describe(KIND),
  source: line.optional().describe(SOURCE),
  target: target.describe(TARGET),
  readOnly: bool.optional().describe(READ_ONLY),
  noCopy: bool.optional().describe("Do not fill an empty volume from the image."),
  subpath: relative.optional().describe("Path inside the volume."),
});

const tmpfs = z.strictObject({
  type: z.literal("tmpfs").describe(KIND),
  target: target.describe(TARGET),
  size: bytes.optional().describe("Size of a tmpfs, such as 64m."),
  mode: mode.optional().describe("Permission bits of a tmpfs."),
  options: z
    .array(tmpfsOption)
    .optional()
    .describe("Further options of a tmpfs, such as uid=1000, exec or nr_inodes=1k."),
  readOnly: bool.optional().describe(READ_ONLY),
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
        target: target.describe(TARGET),
        content: secretText.optional().describe("The content, which may be marked secret."),
        encoding: z
          .enum(["utf8", "base64"])
          .optional()
          .describe("Bytes that are no text are given as base64."),
        source: line.optional().describe("A file on the machine that runs fairlead."),
        uid: z.int().min(0).max(0xffff_fffe).optional().describe("Owner; 0."),
        gid: z.int().min(0).max(0xffff_fffe).optional().describe("Group; 0."),
        mode: mode.optional().describe("Permission bits; 0444, and 0400 of a secret."),
        secret: bool.optional().describe("Hash the content with a salt and never show it."),
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
