// Errors of the engine speak as the command and its files do. Tools with words and paths of their
// own say the same in those; a test holds every sentence of the sources against this list.
import { type ShapedKind, typeOf } from "../../../resources/kinds/shape.ts";

/** What only a user of the command can follow. */
const PHRASES = {
  acceptNewHostKey: /run again with --accept-new-host-key/g,
  uninstall: /`fairlead host uninstall (\S+)` and let fairlead up bring/g,
  inUse: /fairlead down removes a project's; --force removes all of them with the agent/g,
  up: /\bfairlead up\b/g,
  runAgain: /\brun (?:the same command |it )?again\b/g,
  logs: /\bdocker logs (\S+)/g,
  profiles: /Add --profile with one of/g,
  projectName: /with --project-name or name: in the file/g,
  files: /name one with --file\b/g,
} as const;

/** What a tool says in place of each; `$1` is the name in it. */
export type ToolWords = Record<keyof typeof PHRASES, string>;

type FieldPath = (kind: ShapedKind, field: string) => string;

/** Says the same in a tool's words. */
export type Wording = (text: string) => string;

/**
 * The wording of a tool. `fieldPath` says where it has a field of the host or a container; without
 * it fields keep their names, as those of a file do.
 */
export function wordingOf(words: ToolWords, fieldPath?: FieldPath): Wording {
  const phrases = Object.entries(PHRASES).map(
    ([name, pattern]) => [pattern, words[name as keyof ToolWords]] as const,
  );
  const kinds = ["host", "container"] as const;
  const fields = fieldPath ? kinds.flatMap((kind) => fieldWords(kind, fieldPath)) : [];
  const all = [...phrases, ...fields];
  return (text) => all.reduce((said, [pattern, own]) => said.replaceAll(pattern, own), text);
}

// A field is meant where no ordinary word can be: by its inner capital, or between back quotes.
function fieldWords(kind: ShapedKind, fieldPath: FieldPath) {
  return Object.keys(typeOf(kind).shape).map((name) => {
    const pattern = /[A-Z]/.test(name) ? `(?<![.\\w])${name}\\b` : `(?<=\`)${name}(?=\`)`;
    return [new RegExp(pattern, "g"), fieldPath(kind, name)] as const;
  });
}
