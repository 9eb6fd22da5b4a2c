// fairlead pull: has the hosts fetch the images of services.
import { printable, printableLine } from "../../compose/document/printable.ts";
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const pull: CommandDefinition = {
  name: "pull",
  summary: "Have the hosts fetch the images of services from their registries.",
  args: SERVICES,
  options: [
    ["--policy <policy>", "missing: only what a host lacks; always (default)"],
    ["--ignore-pull-failures", "go on and succeed without those that cannot be fetched"],
  ],
  example: "fairlead pull web",
  async run(session, args, flags) {
    const { Exit, errorValue } = await import("../screen/failure.ts");
    const { resourcesOf } = await import("../../../resources/stack/stack.ts");
    const { ifThere } = await import("../../engine/allowing.ts");
    const { screen, signal } = session;
    const services = wordsOf(args);
    const { stack, replicas } = session.load(services);
    const made = new Set(resourcesOf(stack, "image").map(({ host, name }) => `${host} ${name}`));
    const wanted = new Map<string, { host: string; image: string; platform?: string }>();
    for (const one of resourcesOf(stack, "container")) {
      if (!session.chosen([one.host]).includes(one.host)) continue;
      const replica = replicas.find(({ host, name }) => host === one.host && name === one.name);
      const isMeant = services.length === 0 || services.includes(replica?.service ?? "");
      const { image, platform } = one.spec;
      if (!isMeant || made.has(`${one.host} ${image}`)) continue;
      wanted.set(`${one.host} ${image}`, { host: one.host, image, ...(platform && { platform }) });
    }
    let failed = false;
    const results: object[] = [];
    const one = async ({
      host,
      image,
      platform,
    }: {
      host: string;
      image: string;
      platform?: string;
    }) => {
      const subject = printableLine(`${host} image ${image}`);
      try {
        const engine = await session.engine(host, stack.hosts[host]!);
        const isThere = async () =>
          (await ifThere(engine.images.inspect(image, signal))) !== undefined;
        const has = flags.policy === "missing" && (await isThere());
        if (!has) await engine.images.pull(image, platform, () => {}, signal);
        results.push({ host, image, done: has ? "there" : "pulled" });
        const done = has ? "is there" : "pulled";
        if (!screen.json) screen.note(`${screen.errorColors.green("✔")} ${subject} ${done}`);
      } catch (error) {
        if (signal.aborted) throw error;
        failed = true;
        results.push({ host, image, error: errorValue(error) });
        const message = printable(error instanceof Error ? error.message : String(error));
        if (!screen.json) screen.note(`${screen.errorColors.red("✘")} ${subject}: ${message}`);
      }
    };
    await Promise.all([...wanted.values()].map(one));
    if (screen.json) screen.value(results);
    if (failed && flags.ignorePullFailures !== true) throw new Exit(1);
  },
};
