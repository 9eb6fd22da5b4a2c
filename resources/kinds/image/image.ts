// The declaration of an image on a host, and where it comes from.
import * as z from "zod";
import * as is from "../../model/scalars.ts";
import { field, required } from "../../model/schema.ts";
import { healthcheck } from "../container/healthcheck.ts";
import { imageBuild } from "./build.ts";

const words = z.array(is.text);

/** The configuration of an image that is made from a root file system. */
const config = z.strictObject({
  entrypoint: words.optional().describe("Program and first arguments."),
  command: words.optional().describe("Arguments."),
  env: z.record(is.line, is.text).optional().describe("Environment variables."),
  user: is.line.optional().describe("User and group."),
  workingDir: is.absolutePath.optional().describe("Working directory."),
  exposedPorts: z
    .array(z.string().regex(/^\d{1,5}\/(tcp|udp)$/, "must be as in 80/tcp"))
    .optional()
    .describe("Ports it listens on, as in 80/tcp."),
  volumes: z.array(is.absolutePath).optional().describe("Paths that get anonymous volumes."),
  labels: z.record(is.line, is.text).optional().describe("Labels."),
  stopSignal: is.line.optional().describe("Signal that asks it to stop."),
  healthcheck: healthcheck.optional().describe("How it is asked whether it is well."),
});

/** An image in normal form; without archive, rootfs and build it comes from its registry. */
export const image = z
  .strictObject({
    name: required(is.reference, "update", "Name and tag it has on the host."),
    archive: field(is.line, "update", "A tar file here, as docker save or an OCI tool writes it.", {
      localPath: true,
    }),
    archiveTag: field(is.line, "update", "Which image of the archive.", {
      default: "the only one in it",
    }),
    rootfs: field(is.line, "update", "A directory or tar file here that becomes its one layer.", {
      localPath: true,
    }),
    config: field(config, "update", "What a container of a root file system runs by default."),
    build: field(imageBuild, "update", "How it is built on its host, from a Dockerfile here."),
    platform: field(is.line, "update", "Platform, such as linux/arm64.", { default: "the host's" }),
    pull: field(
      z.enum(["missing", "always", "never"]),
      "policy",
      "When it is fetched from its registry.",
      { default: "missing" },
    ),
  })
  .superRefine((spec, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (spec.archive !== undefined && spec.rootfs !== undefined) {
      refuse("rootfs", "excludes archive");
    }
    for (const other of ["archive", "rootfs"] as const) {
      if (spec.build !== undefined && spec[other] !== undefined)
        refuse("build", `excludes ${other}`);
    }
    if (spec.config !== undefined && spec.rootfs === undefined) refuse("config", "needs rootfs");
    if (spec.archiveTag !== undefined && spec.archive === undefined) {
      refuse("archiveTag", "needs archive");
    }
  });

export type ImageInput = z.input<typeof image>;
export type ImageSpec = z.output<typeof image>;
export type RootfsConfig = z.output<typeof config>;
