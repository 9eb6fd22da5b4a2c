import { agent } from "./engine.ts";
import { tryEveryField } from "./fields.ts";

tryEveryField(agent);
