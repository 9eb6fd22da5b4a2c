// What a program gets from "fairlead/pulumi". The build puts the schema and the version in.
import * as pulumi from "@pulumi/pulumi";
import { installedPlugin } from "../setup/plugin-install.ts";
import { argumentsOf, componentClass, type ResourceSchema, resourceClass } from "./resources.ts";

declare const FAIRLEAD_VERSION: string;
declare const FAIRLEAD_PULUMI_RESOURCES: Record<string, ResourceSchema>;

const version = FAIRLEAD_VERSION;
const of = (name: string) =>
  resourceClass(`fairlead:index:${name}`, FAIRLEAD_PULUMI_RESOURCES[name]!, version);

export const Host = of("Host");
export const Image = of("Image");
export const Container = of("Container");
export const Network = of("Network");
export const Volume = of("Volume");

export const ComposeStack = componentClass(
  "fairlead:index:ComposeStack",
  FAIRLEAD_PULUMI_RESOURCES.ComposeStack!,
  version,
);

/** Settings for all hosts of the resources that are given this provider. */
export class Provider extends pulumi.ProviderResource {
  constructor(
    name: string,
    args: Record<string, pulumi.Input<unknown>> = {},
    options?: pulumi.ResourceOptions,
  ) {
    const sent = Object.entries(args).map(([key, value]) => [key, asText(key, value)]);
    super("fairlead", name, Object.fromEntries(sent), pulumi.mergeOptions({ version }, options));
  }
}

const SECRETS = new Set([
  "password",
  "privateKey",
  "privateKeyPassword",
  "becomePassword",
  "hosts",
]);

// Providers take settings as text; what is not text travels as JSON.
function asText(key: string, value: pulumi.Input<unknown>): unknown {
  if (value === undefined) return undefined;
  const text = pulumi.output(value).apply((one) => {
    return typeof one === "string" ? one : JSON.stringify(one);
  });
  return SECRETS.has(key) ? pulumi.secret(text) : text;
}

type Arguments = Record<string, unknown>;
const invoke = (name: string) => {
  const token = `fairlead:index:${name}`;
  return (args: Arguments, options: pulumi.InvokeOptions = {}) =>
    pulumi.runtime.invoke(token, argumentsOf(args), { version, ...options });
};
const invokeOutput = (name: string) => {
  const token = `fairlead:index:${name}`;
  return (args: Arguments, options: pulumi.InvokeOutputOptions = {}) =>
    pulumi.runtime.invokeOutput(token, argumentsOf(args) as pulumi.Inputs, { version, ...options });
};

export const getHost = invoke("getHost");
export const getHostOutput = invokeOutput("getHost");
export const getContainer = invoke("getContainer");
export const getContainerOutput = invokeOutput("getContainer");
export const getContainers = invoke("getContainers");
export const getContainersOutput = invokeOutput("getContainers");
export const getImage = invoke("getImage");
export const getImageOutput = invokeOutput("getImage");
export const getContainerLogs = invoke("getContainerLogs");
export const getContainerLogsOutput = invokeOutput("getContainerLogs");

const CLASSES = { Host, Image, Container, Network, Volume, ComposeStack };
pulumi.runtime.registerResourceModule("fairlead", "index", {
  version,
  construct(name: string, type: string, urn: string): pulumi.Resource {
    const found = CLASSES[type.split(":")[2] as keyof typeof CLASSES];
    if (!found) throw new Error(`there is no resource type ${type}`);
    return new found(name, {}, { urn });
  },
});
pulumi.runtime.registerResourcePackage("fairlead", {
  version,
  constructProvider(name: string, _type: string, urn: string): pulumi.ProviderResource {
    return new Provider(name, {}, { urn } as pulumi.ResourceOptions);
  },
});

// Under the engine, and only there: the plugin of this version must be where the engine looks.
if (pulumi.runtime.hasMonitor()) installedPlugin(__dirname, version);
