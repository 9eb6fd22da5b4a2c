// No lines at all.
import type { LogDriver } from "../driver/driver.ts";

export const none: LogDriver = {
  name: "none",
  options: [],
  keeps: () => undefined,
  readable: () => false,
};
