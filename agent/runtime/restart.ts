// The restart policy as the agent asks it. Its rules and its back-off are those of the shims, see
// agent/native/src/restart.
import type { Native, Restarts } from "../native/index.ts";

export type { Restarts };
export type RestartPolicy = Native["nextRestart"];
