// Which networks a container can be in together.
import { FairleadError } from "../../resources/model/errors.ts";
import type { Network } from "./driver/driver.ts";

/** Networks without interfaces are only ever alone; no network twice. */
export function checkTogether(networks: Network[]): void {
  const alone = networks.find(({ traits }) => !traits.interfaces);
  if (alone && networks.length > 1) throw fixed(alone);
  const twice = networks.find(({ id }, at) => networks.findIndex((n) => n.id === id) !== at);
  if (twice) throw new FairleadError("invalid", `network ${twice.name} is named twice`);
}

export function fixed({ name }: Network): FairleadError {
  return new FairleadError(
    "invalid",
    `network ${name} is a container's only network, which it cannot join or leave while it runs`,
    { hint: "create the container anew with the networks it needs" },
  );
}
