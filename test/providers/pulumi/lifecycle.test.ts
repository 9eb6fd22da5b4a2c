// The scenarios under the test engine, which asserts what the real one does not.
import { whyNoLab } from "../../lab/lab.ts";
import { whyNoDockerd } from "./docker-host.ts";
import { TestEngine } from "./engine/engine.ts";
import { tryLife } from "./life.ts";
import { tryOptions } from "./options.ts";
import { tryTrouble } from "./trouble.ts";

const NAME = "the test engine";
const make = async () => new TestEngine();
for (const why of [whyNoLab(), whyNoDockerd()]) if (why) console.log(`skipped: ${why}`);

tryLife(NAME, make, whyNoLab());
tryTrouble(NAME, make, whyNoLab());
tryOptions(NAME, make, whyNoDockerd());
