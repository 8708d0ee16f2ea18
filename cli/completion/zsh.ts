/** A completion script for zsh, by its own \`_arguments\`; it asks nobody while its user types. */
import type { Command } from "commander";
import { type CommandShape, programShape, type ValueShape } from "./shape.ts";

export function zshCompletion(program: Command, programs: readonly string[]): string {
  const { own, commands } = programShape(program);
  return `#compdef ${programs.join(" ")}
# Completion of ${programs[0]} in zsh. To load it: source <(${programs[0]} completion zsh), after compinit.
_murmur() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C \\
${flagSpecs(own)}    '1: :->command' \\
    '*:: :->arguments' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $line[1] in
${commands.map(caseOf).join("\n")}
  esac
}
compdef _murmur ${programs.join(" ")}
# As a file in fpath it is the function's own body.
if [[ $funcstack[1] == _murmur ]]; then _murmur "$@"; fi
`;
}

function caseOf(command: CommandShape): string {
  const args = command.args.map((one) => quoted(`${one.repeats ? "*" : ""}:${valueSpec(one)}`));
  return `    ${command.name})
      _arguments \\
${flagSpecs(command, "  ")}        ${args.join(" ") || "':: :'"}
      ;;`;
}

/** A line each: --flag[what it does]:value:action. */
function flagSpecs({ flags }: CommandShape, indent = ""): string {
  return flags
    .flatMap(({ names, summary, value, repeats }) =>
      names.map((name) => {
        const follows = value === null ? "" : `:${valueSpec(value)}`;
        const spec = `${repeats ? "*" : ""}${name}[${summary.replace(/[[\]\\]/g, "\\$&")}]${follows}`;
        return `${indent}    ${indent}${quoted(spec)} \\\n`;
      }),
    )
    .join("");
}

function valueSpec({ name, choices, isPath }: ValueShape): string {
  const message = name.replaceAll(":", "\\:");
  if (choices.length > 0) return `${message}:(${choices.join(" ")})`;
  return `${message}:${isPath ? "_files" : " "}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
