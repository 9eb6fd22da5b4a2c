// Everything that a CDK for Terraform program may import from "fairlead/cdktf" or "fairlead/cdktn".
export * from "./bindings/index.ts";
export {
  NullHost,
  type NullHostConfig,
  NullStack,
  type NullStackConfig,
  type Runner,
} from "./carrier.ts";
export { ComposeStack, type ComposeStackConfig } from "./compose-stack.ts";
export { Fleet, type FleetConfig } from "./fleet.ts";
