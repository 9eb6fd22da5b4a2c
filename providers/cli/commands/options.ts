// Options that several commands have and mean alike.
import type { CommandOption } from "../session/definition.ts";

export const REMOVE_ORPHANS: CommandOption = [
  "--remove-orphans",
  "remove containers of the project that are no longer declared",
];

export const STOP_TIMEOUT: CommandOption = [
  "-t, --timeout <seconds>",
  "time to end before a container is killed",
];
