// The engine's resource monitor as a component sees it: registers resources, and waits until each
// is there. Knows no resource type.
import { GrpcClient } from "../../rpc/grpc-client.ts";
import type { Of, Partially } from "../../rpc/protobuf.ts";
import { type ConstructRequest, Empty } from "../messages.ts";
import { fromStruct, type PulumiObject, toStruct } from "../value.ts";
import { OutputsRequest, RegisterRequest, RegisterResponse } from "./messages.ts";

export type Construction = Of<typeof ConstructRequest>;

export interface Registered {
  urn: string;
  id: string;
  outputs: PulumiObject;
}

export interface Child {
  type: string;
  name: string;
  inputs: PulumiObject;
  /** URNs that each input depends on. */
  needs: Record<string, string[]>;
  /** URNs that must be there first, whatever they are for. */
  after: string[];
}

const DAY_MS = 24 * 3_600_000;
const SERVICE = "/pulumirpc.ResourceMonitor";

export class Monitor {
  readonly #client: GrpcClient;
  readonly #request: Construction;
  readonly #version: string;

  /** `version` is the plugin's: children are served by this one. */
  constructor(request: Construction, version: string) {
    // The engine answers when the resource is there; it knows how long that may take.
    this.#client = new GrpcClient(request.monitorEndpoint, DAY_MS);
    this.#request = request;
    this.#version = version;
  }

  /** Registers the component itself; gives its URN. */
  async component(inputs: PulumiObject): Promise<string> {
    const { type, name, parent, protect, dependencies, aliases } = this.#request;
    const { retainOnDelete, deletedWith, providers } = this.#request;
    const { urn } = await this.#register({
      ...{ type, name, parent, object: toStruct(inputs), dependencies, providers },
      ...{ protect, retainOnDelete, deletedWith, aliases, aliasSpecs: true },
    });
    return urn;
  }

  /** Registers a resource under the component, with the component's options that children share. */
  async child(parent: string, child: Child): Promise<Registered> {
    const { protect, retainOnDelete, deletedWith, providers, customTimeouts } = this.#request;
    const { type, name, inputs, needs, after } = child;
    const propertyDependencies = Object.fromEntries(
      Object.keys(inputs).map((key) => [key, { urns: needs[key] ?? [] }]),
    );
    return this.#register({
      ...{ type, name, parent, custom: true, object: toStruct(inputs), propertyDependencies },
      dependencies: [...new Set([...after, ...Object.values(needs).flat()])],
      ...{ protect, retainOnDelete, deletedWith, customTimeouts },
      ...{ provider: providers.fairlead ?? "", version: this.#version, aliasSpecs: true },
    });
  }

  /** Says what the component gives. */
  async outputs(urn: string, outputs: PulumiObject): Promise<void> {
    const sent = { urn, outputs: toStruct(outputs) };
    await this.#client.call(`${SERVICE}/RegisterResourceOutputs`, [OutputsRequest, sent], Empty);
  }

  close(): void {
    this.#client.close();
  }

  async #register(sent: Partially<Of<typeof RegisterRequest>>): Promise<Registered> {
    const accepts = { acceptSecrets: true, acceptResources: true, supportsPartialValues: true };
    const path = `${SERVICE}/RegisterResource`;
    const request = [RegisterRequest, { ...sent, ...accepts }] as const;
    const { urn, id, object } = await this.#client.call(path, request, RegisterResponse);
    return { urn, id, outputs: fromStruct(object) };
  }
}
