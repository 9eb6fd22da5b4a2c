import { dockerd } from "./engine.ts";
import { tryLife } from "./life.ts";

tryLife(dockerd);
