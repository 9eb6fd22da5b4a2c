import { agent } from "./engine.ts";
import { tryLife } from "./life.ts";

tryLife(agent);
