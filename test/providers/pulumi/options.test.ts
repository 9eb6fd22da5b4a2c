// These scenarios under the test engine, which asserts what the real one does not.
import { whyNoDockerd } from "./docker-host.ts";
import { TestEngine } from "./engine/engine.ts";
import { tryOptions } from "./options.ts";

const why = whyNoDockerd();
if (why) console.log(`skipped: ${why}`);
tryOptions("the test engine", async () => new TestEngine(), why);
