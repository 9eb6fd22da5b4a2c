import { dockerd } from "./engine.ts";
import { tryEveryField } from "./fields.ts";

tryEveryField(dockerd);
