// Completion scripts for shells, made from the command line as commander has it: words of commands,
// their options, and services of the Compose file here.
import type { Command } from "commander";
import { FairleadError } from "../../resources/model/errors.ts";

interface Words {
  /** As in `host ls`. */
  path: string;
  summary: string;
  options: { flag: string; description: string }[];
  takesServices: boolean;
}

/** The script for bash, zsh or fish; `invalid` for another shell. */
export function completionScript(shell: string, root: Command): string {
  const commands = wordsOf(root);
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return zsh(commands);
    case "fish":
      return fish(commands);
    default:
      throw new FairleadError("invalid", `no completion for ${shell}`, {
        hint: "There are bash, zsh and fish.",
      });
  }
}

function wordsOf(root: Command): Words[] {
  const all: Words[] = [];
  const visit = (command: Command, path: string) => {
    const options = command.options.flatMap(({ long, description }) =>
      long ? [{ flag: long, description }] : [],
    );
    const takesServices = command.registeredArguments.some((one) => /^services?$/.test(one.name()));
    all.push({ path, summary: command.description(), options, takesServices });
    for (const inner of root.createHelp().visibleCommands(command)) {
      if (inner.name() !== "help")
        visit(inner, path === "" ? inner.name() : `${path} ${inner.name()}`);
    }
  };
  visit(root, "");
  return all;
}

const SERVICES = "fairlead config --services 2>/dev/null";

/** The words that may follow a path. */
function after(commands: readonly Words[], path: string): string[] {
  const start = path === "" ? "" : `${path} `;
  return commands.flatMap((one) => {
    const rest = one.path.startsWith(start) ? one.path.slice(start.length) : "";
    return rest === "" || rest.includes(" ") ? [] : [rest];
  });
}

function bash(commands: readonly Words[]): string {
  const cases = commands.map((one) => {
    const words = [...after(commands, one.path), ...one.options.map(({ flag }) => flag), "--help"];
    const services = one.takesServices ? ` $(${SERVICES})` : "";
    return `    "${one.path}") words="${words.join(" ")}${services}" ;;`;
  });
  return `# bash completion for fairlead
_fairlead() {
  local word path="" words="" current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    case " ${commands.map(({ path }) => path.replaceAll(" ", "_")).join(" ")} " in
      *" \${path:+\${path// /_}_}$word "*) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _fairlead fairlead
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function zsh(commands: readonly Words[]): string {
  const cases = commands.map((one) => {
    const inner = after(commands, one.path).map((name) => {
      const summary = commands.find(({ path }) => path === `${one.path} ${name}`.trim())?.summary;
      return quoted(`${name}:${(summary ?? "").replaceAll(":", "\\:")}`);
    });
    const options = one.options.map(({ flag, description }) =>
      quoted(`${flag}:${description.replaceAll(":", "\\:")}`),
    );
    const services = one.takesServices ? `\n      found+=(\${(f)"$(${SERVICES})"})` : "";
    const words = [...inner, ...options].join(" ");
    return `    ${quoted(one.path)})\n      found=(${words})${services} ;;`;
  });
  const known = commands.map(({ path }) => quoted(path)).join(" ");
  return `#compdef fairlead
_fairlead() {
  local place="" word next
  local -a found known
  known=(${known})
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    next="\${place:+$place }$word"
    (( \${known[(Ie)$next]} )) && place=$next
  done
  found=()
  case $place in
${cases.join("\n")}
  esac
  _describe fairlead found
  _files
}
compdef _fairlead fairlead
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap((one) => {
    const words = one.path === "" ? [] : one.path.split(" ");
    const here = words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    const inner = after(commands, one.path);
    const none = inner.length > 0 ? `not __fish_seen_subcommand_from ${inner.join(" ")}` : "";
    const when = [here, none].filter(Boolean).join("; and ") || "true";
    const start = `complete -c fairlead -n ${quoted(when)}`;
    return [
      ...inner.map((name) => {
        const path = `${one.path} ${name}`.trim();
        const summary = commands.find((other) => other.path === path)?.summary ?? "";
        return `${start} -f -a ${name} -d ${quoted(summary)}`;
      }),
      ...one.options.map(
        ({ flag, description }) => `${start} -l ${flag.slice(2)} -d ${quoted(description)}`,
      ),
      ...(one.takesServices ? [`${start} -f -a ${quoted(`(${SERVICES})`)}`] : []),
    ];
  });
  return `# fish completion for fairlead\n${lines.join("\n")}\n`;
}
