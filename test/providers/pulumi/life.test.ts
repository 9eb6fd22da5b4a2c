// These scenarios under the test engine, which asserts what the real one does not.
import { whyNoLab } from "../../lab/lab.ts";
import { TestEngine } from "./engine/engine.ts";
import { tryLife } from "./life.ts";

const why = whyNoLab();
if (why) console.log(`skipped: ${why}`);
tryLife("the test engine", async () => new TestEngine(), why);
