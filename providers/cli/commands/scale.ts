// fairlead scale: another number of containers of a service, until the next up without --scale.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type CommandDefinition, wordsOf } from "../session/definition.ts";

export const scale: CommandDefinition = {
  name: "scale",
  summary: "Run another number of containers of services.",
  args: [["<service=number...>", "as in web=3"]],
  options: [
    ["-y, --yes", "do not ask"],
    ["--no-deps", "leave what they need as it is"],
  ],
  example: "fairlead scale web=3 worker=2",
  async run(session, args, flags) {
    const { upCommand } = await import("./up-and-down.ts");
    const wanted = wordsOf(args);
    const services = wanted.map((text) => {
      if (/^[^=]+=\d+$/.test(text)) return text.slice(0, text.indexOf("="));
      throw new FairleadError("invalid", `${text} is not SERVICE=NUMBER`, { path: "scale" });
    });
    await upCommand(session, services, { ...flags, scale: wanted });
  },
};
