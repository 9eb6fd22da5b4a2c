import { agent } from "./engine.ts";
import { tryRivals } from "./rivals.ts";

tryRivals(agent);
