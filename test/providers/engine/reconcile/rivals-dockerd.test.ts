import { dockerd } from "./engine.ts";
import { tryRivals } from "./rivals.ts";

tryRivals(dockerd);
