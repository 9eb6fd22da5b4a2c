// Construct: components by their type, and what is wrong with their inputs as the engine shows it.
import { FairleadError } from "../../../resources/model/errors.ts";
import { GrpcError, GrpcStatus } from "../../rpc/grpc.ts";
import { encode, type Of, type Partially } from "../../rpc/protobuf.ts";
import { type ConstructResponse, InputPropertiesError, RpcStatus } from "../messages.ts";
import type { Failure } from "../resource/failure.ts";
import { fromStruct, type PulumiObject, toStruct } from "../value.ts";
import { constructStack, stackFailures } from "./compose-stack.ts";
import { type Construction, Monitor } from "./monitor.ts";

const COMPOSE_STACK = "fairlead:index:ComposeStack";

/** Makes a component and its children through the engine. */
export async function construct(
  request: Construction,
  version: string,
  { read, warn }: { read(inputs: PulumiObject): void; warn(urn: string, text: string): void },
): Promise<Partially<Of<typeof ConstructResponse>>> {
  const { type, name, dryRun } = request;
  if (type !== COMPOSE_STACK) {
    throw new FairleadError("invalid", `there is no component ${type}`, {
      hint: `There is ${COMPOSE_STACK}.`,
    });
  }
  const sent = Object.entries(fromStruct(request.inputs)).filter(([, value]) => value !== null);
  const inputs: PulumiObject = Object.fromEntries(sent);
  read(inputs);
  const failures = stackFailures(inputs);
  if (failures.length > 0) throw refusal(failures);
  const sources = Object.fromEntries(
    Object.entries(request.inputDependencies).map(([key, one]) => [key, one?.urns ?? []]),
  );
  const monitor = new Monitor(request, version);
  try {
    const told = { preview: dryRun, warn };
    const { urn, outputs } = await constructStack(name, inputs, sources, monitor, told);
    return { urn, state: toStruct(outputs) };
  } finally {
    monitor.close();
  }
}

function refusal(failures: readonly Failure[]): GrpcError {
  const errors = failures.map(({ property, reason }) => ({ propertyPath: property, reason }));
  const message = failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
  const code = GrpcStatus.invalidArgument;
  const typeUrl = "type.googleapis.com/pulumirpc.InputPropertiesError";
  const details = [{ typeUrl, value: encode(InputPropertiesError, { errors }) }];
  return new GrpcError(code, message, encode(RpcStatus, { code, message, details }));
}
