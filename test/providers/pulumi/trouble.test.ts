// These scenarios under the test engine, which asserts what the real one does not.
import { whyNoLab } from "../../lab/lab.ts";
import { TestEngine } from "./engine/engine.ts";
import { tryTrouble } from "./trouble.ts";

const why = whyNoLab();
if (why) console.log(`skipped: ${why}`);
tryTrouble("the test engine", async () => new TestEngine(), why);
