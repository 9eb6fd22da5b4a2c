// Our agent against the scenarios.
import { describe } from "vitest";
import { agentMissing, startAgent } from "./engines.ts";
import { conform } from "./suite.ts";

describe("fairlead", () => {
  conform({ name: "fairlead", missing: agentMissing(), start: startAgent });
});
