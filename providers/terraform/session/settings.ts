// The provider block: the project that marks what Terraform made, and what its hosts share.
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { type Attribute, attributesOf } from "../schema/attribute.ts";
import { type TerraformObject, toFields } from "../schema/translate.ts";

export interface Settings {
  /** Marks what was made here, in labels. */
  project: string;
  /** Take and write down the key of a host that is not known yet. */
  acceptNewHostKey: boolean;
  /** Let a destruction succeed on a host that cannot be reached. */
  deleteUnreachable: boolean;
  /** Fields of a connection for the hosts that do not have their own. */
  defaults: Record<string, unknown>;
}

const DEFAULT_PROJECT = "terraform";
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const sharedAttributes = attributesOf(shapeOf("host").filter((one) => one.shared)).map(
  (one): Attribute => ({
    ...one,
    doc: `${one.doc} For hosts that do not say their own; kept in no state.`,
  }),
);

export const providerAttributes: Attribute[] = [
  {
    name: "project",
    type: { kind: "string" },
    doc: "Marks what was made here, in the labels of every object.",
    mode: "optional",
    rule: "policy",
    default: DEFAULT_PROJECT,
  },
  {
    name: "accept_new_host_key",
    type: { kind: "bool" },
    doc: "Take the key of a host that is not in the known hosts yet, and write it down.",
    mode: "optional",
    rule: "policy",
    default: "false",
  },
  {
    name: "delete_unreachable",
    type: { kind: "bool" },
    doc: "Let a destruction succeed on a host that cannot be reached; what is there stays there.",
    mode: "optional",
    rule: "policy",
    default: "false",
  },
  ...sharedAttributes,
];

/** The settings of a provider block; what is not known yet counts as absent. */
export function settingsOf(config: TerraformObject): Settings {
  const { project, accept_new_host_key: accept, delete_unreachable: leave } = config;
  return {
    project: typeof project === "string" ? project : DEFAULT_PROJECT,
    acceptNewHostKey: accept === true,
    deleteUnreachable: leave === true,
    defaults: toFields(sharedAttributes, config),
  };
}

/** What is wrong with the project's name; undefined when nothing is. */
export function projectProblem(config: TerraformObject): string | undefined {
  const { project } = config;
  if (typeof project !== "string" || PROJECT.test(project)) return undefined;
  return "must be lowercase letters, digits, - or _";
}
