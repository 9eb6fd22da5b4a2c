// Our own agent, which is brought to a host that lacks it.
import type { EngineKind } from "../../connection/engine-kind.ts";
import { openAgentHost } from "./agent-host.ts";

export const fairlead: EngineKind = { title: "agent", isInstalled: true, open: openAgentHost };
