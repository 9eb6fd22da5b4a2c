// fairlead up: makes the hosts as the Compose file says.
import { type CommandDefinition, SERVICES_AND_NEEDS, wordsOf } from "../session/definition.ts";
import { REMOVE_ORPHANS, STOP_TIMEOUT } from "./options.ts";

export const up: CommandDefinition = {
  name: "up",
  summary: "Make the hosts as the Compose file says, and wait until everything is well.",
  args: SERVICES_AND_NEEDS,
  options: [
    REMOVE_ORPHANS,
    ["--force-recreate", "replace containers even when nothing differs"],
    ["--no-recreate", "leave containers that exist as they are"],
    ["--no-deps", "leave what the named services need as it is"],
    ["--no-start", "make containers and do not start them"],
    ["--scale <service=number>", "number of containers of a service; several times", "list"],
    ["--pull <policy>", "when images are fetched: always, missing or never"],
    ["--build", "build images also when nothing they are built from has changed"],
    ["--no-build", "build no image; one that is missing is missed"],
    STOP_TIMEOUT,
    ["-d, --detach", "return when everything is well, as it does anyway"],
    ["--wait", "wait until everything is well, as it does anyway"],
    ["--quiet-pull", "say little of pulls, as it does anyway"],
    ["-y, --yes", "do not ask before containers are replaced or removed"],
    ["--dry-run", "show the plan and change nothing"],
  ],
  example: "fairlead up --scale web=3 --pull always web",
  async run(session, args, flags) {
    const { upCommand } = await import("./up-and-down.ts");
    await upCommand(session, wordsOf(args), flags);
  },
};
