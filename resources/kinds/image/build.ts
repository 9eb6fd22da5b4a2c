// The declaration of how an image is built.
import * as z from "zod";
import * as is from "../../model/scalars.ts";

const secretValue = z
  .strictObject({
    source: is.line.optional().describe("A file on the machine that runs fairlead."),
    content: is.secretText.optional().describe("The value itself, which is never shown."),
  })
  .refine(({ source, content }) => (source === undefined) !== (content === undefined), {
    error: "needs either source or content",
  });

const limit = z.strictObject({
  soft: z.int().min(-1).describe("What is in force."),
  hard: z.int().min(-1).describe("As far as it can be raised."),
});

/** As BuildKit tells repositories from folders (docs.docker.com/build/concepts/context). */
const REPOSITORY =
  /^(git:\/\/|ssh:\/\/|github\.com\/|[\w.-]+@[\w.-]+:|https?:\/\/[^#?]+\.git(?=$|[#?]))/;

/** Whether a context is a git repository and no folder. */
export function isRepository(context: string): boolean {
  return REPOSITORY.test(context);
}

function isImage(place: string): boolean {
  const name = /^docker-image:\/\/(.+)$/.exec(place)?.[1];
  return name !== undefined && is.reference.safeParse(name).success;
}

/** How an image is built on its host. */
export const imageBuild = z
  .strictObject({
    context: is.line
      .optional()
      .describe("Folder here with the files that the build may copy, or a git repository."),
    dockerfile: is.line
      .optional()
      .describe("The Dockerfile, relative to the context. Default: Dockerfile."),
    dockerfileInline: is.text.optional().describe("The text of a Dockerfile in place of a file."),
    target: is.line.optional().describe("Stage to build. Default: the last one."),
    args: z.record(is.line, is.secretText).optional().describe("Build arguments."),
    contexts: z
      .record(
        is.line,
        is.line.refine((place) => isImage(place) || !/^[a-z]+-[a-z-]+:/.test(place), {
          error: "must be a folder, a repository, or docker-image:// and the name of an image",
        }),
      )
      .optional()
      .describe("Further contexts by name: folders here, repositories, docker-image://NAME."),
    secrets: z
      .record(is.line, secretValue)
      .optional()
      .describe("Values for RUN --mount=type=secret by id; in no layer, cache or log."),
    labels: is.labels.optional().describe("Labels of the image."),
    tags: z.array(is.reference).optional().describe("Further names of the image."),
    network: is.line.optional().describe("Network of its steps: default, none or host."),
    extraHosts: z
      .record(is.line, z.array(is.line))
      .optional()
      .describe("Addresses by host name, for its steps."),
    shmSize: is.bytes.optional().describe("Size of /dev/shm of its steps."),
    ulimits: z.record(is.line, limit).optional().describe("Resource limits of its steps."),
    pull: is.bool.optional().describe("Fetch base images anew with each build."),
    noCache: is.bool.optional().describe("Take no step from the cache."),
    limit: is.bytes.optional().describe("Most bytes of a context. Default: 1g."),
  })
  .superRefine((build, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (build.context === undefined && build.dockerfileInline === undefined) {
      refuse("context", "is required, or dockerfileInline");
    }
    if (build.dockerfile !== undefined && build.dockerfileInline !== undefined) {
      refuse("dockerfileInline", "excludes dockerfile");
    }
  });

export type ImageBuild = z.output<typeof imageBuild>;
