// The resource classes that programs use, made from the package schema: inputs go to the engine as
// they are, resources among them as what identifies them on the host.
import * as pulumi from "@pulumi/pulumi";

/** The part of the package schema that classes are made from. */
export interface ResourceSchema {
  inputProperties: Record<string, { secret?: boolean }>;
  properties: Record<string, { secret?: boolean }>;
  requiredInputs: string[];
}

type Args = Record<string, unknown>;
type ResourceClass = new (
  name: string,
  args: Args,
  options?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

type ComponentClass = new (
  name: string,
  args?: Args,
  options?: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/** What stands for a resource where its name or id is asked for. */
const STANDS_FOR: Record<string, string> = {
  "fairlead:index:Host": "id",
  "fairlead:index:Image": "ref",
  "fairlead:index:Container": "name",
  "fairlead:index:Network": "name",
  "fairlead:index:Volume": "name",
};
const DEEPEST = 32;

/**
 * Without call stacks meanwhile: the SDK notes one with each of four promises of every output, for
 * its search for promises that never end, which takes longer than all the rest of a resource.
 */
class NoStacks {
  readonly #limit = Error.stackTraceLimit;

  constructor() {
    if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) Error.stackTraceLimit = 0;
  }

  /** The error with the stack that it would have had from here on. */
  here(error: unknown): unknown {
    this.again();
    if (error instanceof Error) Error.captureStackTrace(error);
    return error;
  }

  again(): void {
    Error.stackTraceLimit = this.#limit;
  }
}

/** The class of one resource type; `version` names the plugin that serves it. */
export function resourceClass(
  type: string,
  schema: ResourceSchema,
  version: string,
): ResourceClass & { get: unknown; isInstance(value: unknown): boolean } {
  const outputs = Object.keys(schema.properties);
  const secrets = outputs.filter((name) => schema.properties[name]?.secret === true);
  const named = {
    [type.split(":")[2]!]: class extends pulumi.CustomResource {
      static readonly __pulumiType = type;

      static get(
        name: string,
        id: pulumi.Input<pulumi.ID>,
        state?: Args,
        options?: pulumi.CustomResourceOptions,
      ): unknown {
        return new this(name, (state ?? {}) as Args, { ...options, id });
      }

      static override isInstance(value: unknown): value is pulumi.CustomResource {
        return typeOf(value) === type;
      }

      // Outputs are set on the object by the SDK, which also notes its type there.
      constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
        const given = options.id === undefined ? inputsOf(type, schema, args, options) : args;
        const empty = Object.fromEntries(outputs.map((output) => [output, undefined]));
        const own = { version, additionalSecretOutputs: secrets };
        const stacks = new NoStacks();
        try {
          super(type, name, { ...empty, ...given }, pulumi.mergeOptions(own, options));
        } catch (error) {
          throw stacks.here(error);
        } finally {
          stacks.again();
        }
      }
    },
  };
  return Object.values(named)[0] as never;
}

/** The class of a component, whose children the plugin makes. */
export function componentClass(
  type: string,
  schema: ResourceSchema,
  version: string,
): ComponentClass {
  const outputs = Object.keys(schema.properties);
  const named = {
    [type.split(":")[2]!]: class extends pulumi.ComponentResource {
      static readonly __pulumiType = type;

      static override isInstance(value: unknown): value is pulumi.ComponentResource {
        return typeOf(value) === type;
      }

      constructor(name: string, args: Args = {}, options: pulumi.ComponentResourceOptions = {}) {
        const empty = Object.fromEntries(outputs.map((output) => [output, undefined]));
        const given = options.urn === undefined ? inputsOf(type, schema, args, options) : {};
        const own = { version } as pulumi.ComponentResourceOptions;
        super(type, name, { ...empty, ...given }, pulumi.mergeOptions(own, options), true);
      }
    },
  };
  return Object.values(named)[0] as never;
}

/** The value with names and ids in place of resources. */
export function identified(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST || typeof value !== "object" || value === null) return value;
  const stands = STANDS_FOR[typeOf(value) ?? ""];
  if (stands !== undefined) return (value as Args)[stands];
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return value;
  if (Array.isArray(value)) return value.map((one) => identified(one, depth + 1));
  const entries = Object.entries(value).map(([key, one]) => [key, identified(one, depth + 1)]);
  return Object.fromEntries(entries);
}

/** Inputs of a function, with the connection of a Host that was given. */
export function argumentsOf(args: Args): Args {
  const connection = connectionOf(args);
  return { ...(identified(args) as Args), ...(connection === undefined ? {} : { connection }) };
}

function inputsOf(
  type: string,
  schema: ResourceSchema,
  args: Args | undefined,
  options: { urn?: pulumi.URN | undefined },
): Args {
  const given = args ?? {};
  const missing = schema.requiredInputs.filter((name) => given[name] === undefined);
  if (missing.length > 0 && options.urn === undefined) {
    throw new Error(`${type}: ${missing.join(", ")} must be given`);
  }
  const connection = connectionOf(given);
  const connections = connectionsOf(given);
  const plain = {
    ...(identified(given) as Args),
    ...(connection ? { connection } : {}),
    ...(connections ? { connections } : {}),
  };
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]) => {
      const secret = schema.inputProperties[name]?.secret === true && value !== undefined;
      return [name, secret ? pulumi.secret(value) : value];
    }),
  );
}

function connectionOf({ host, connection }: Args): unknown {
  if (connection !== undefined) return connection;
  return typeOf(host) === "fairlead:index:Host" ? (host as Args).connection : undefined;
}

// Of several Hosts, under the names that they are given by.
function connectionsOf({ hosts, connections }: Args): unknown {
  if (typeof hosts !== "object" || hosts === null || pulumi.Output.isInstance(hosts)) {
    return connections;
  }
  const found = Object.entries(hosts).flatMap(([name, host]) => {
    const connection = connectionOf({ host });
    return connection === undefined ? [] : [[name, connection]];
  });
  if (found.length === 0) return connections;
  return { ...Object.fromEntries(found), ...((connections as object | undefined) ?? {}) };
}

// Not instanceof: a program may have two copies of the package.
function typeOf(value: unknown): string | undefined {
  const type = typeof value === "object" && value !== null && (value as Args).__pulumiType;
  return typeof type === "string" ? type : undefined;
}
