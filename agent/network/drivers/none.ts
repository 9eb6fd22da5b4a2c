// The null driver, of the network none: a namespace with nothing but its loopback.
import { fixedNetwork } from "../driver/fixed.ts";

export const none = fixedNetwork("null", "none", { hostNamespace: false });
