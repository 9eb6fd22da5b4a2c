// fairlead build: has the hosts build the images of services, whether anything has changed or not.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const build: CommandDefinition = {
  name: "build",
  summary: "Build the images of services on their hosts.",
  args: SERVICES,
  options: [
    ["--no-cache", "take no step from the cache"],
    ["--pull", "fetch base images anew"],
    ["--build-arg <KEY=VALUE>", "build argument; KEY alone takes ours; several times", "list"],
    ["--progress <kind>", "auto, plain: every step and line, or quiet"],
    ["-q, --quiet", "say only what was built, as --progress quiet"],
    ["--dry-run", "show what would be built and build nothing"],
  ],
  example: "fairlead build --pull --build-arg VERSION=1.4 web",
  async run(session, args, flags) {
    const { buildImages } = await import("./building.ts");
    const services = wordsOf(args);
    const progress = flags.quiet === true ? "quiet" : flags.progress;
    const more = { ...flags, progress } as Parameters<typeof buildImages>[3];
    await buildImages(session, session.load([], true), services, more);
  },
};
