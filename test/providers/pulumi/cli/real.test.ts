// The scenarios under the real engine, through the Automation API: `npm run test:pulumi`.
import { afterAll } from "vitest";
import { whyNoLab } from "../../../lab/lab.ts";
import { whyNoDockerd } from "../docker-host.ts";
import { tryLife } from "../life.ts";
import { tryOptions } from "../options.ts";
import { tryTrouble } from "../trouble.ts";
import { PulumiHome, whyNoPulumi } from "./pulumi.ts";
import { RealEngine } from "./real-engine.ts";

const why = whyNoPulumi();
if (why) console.log(`skipped: ${why}`);

const homes: PulumiHome[] = [];
afterAll(() => {
  for (const home of homes) home.remove();
});

async function make(): Promise<RealEngine> {
  const home = new PulumiHome();
  homes.push(home);
  await home.prepare();
  return new RealEngine(home);
}

const NAME = "the real engine";
tryLife(NAME, make, why ?? whyNoLab());
tryTrouble(NAME, make, why ?? whyNoLab());
tryOptions(NAME, make, why ?? whyNoDockerd());
