/** A completion script for bash (3.2 or later), which asks nobody while its user types. */
import type { Command } from "commander";
import { type CommandShape, programShape } from "./shape.ts";

export function bashCompletion(program: Command, programs: readonly string[]): string {
  const { own, commands } = programShape(program);
  return `# Completion of ${programs[0]} in bash. To load it: source <(${programs[0]} completion bash)
_murmur() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= flags= choices= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  # What follows a flag: one of its words, or anything, for which bash has names of files.
  case "$command $previous" in
${commands.flatMap(flagValues).join("\n")}
  esac
  case $command in
    '')
      choices='${commands.map(({ name }) => name).join(" ")}'
      flags='${flagNames(own)}'
      ;;
${commands.map(wordsOf).join("\n")}
  esac
  if [[ $current == -* ]]; then choices=$flags; fi
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -o bashdefault -o default -F _murmur ${programs.join(" ")}
`;
}

/** Cases for the flags of a command that a value follows. */
function flagValues({ name, flags }: CommandShape): string[] {
  const taking = flags.filter(({ value }) => value !== null);
  const patterns = (one: (typeof flags)[number]) =>
    one.names.map((flag) => `"${name} ${flag}"`).join("|");
  const free = taking.filter(({ value }) => value?.choices.length === 0).map(patterns);
  const chosen = taking.flatMap((flag) =>
    flag.value?.choices.length
      ? [
          `    ${patterns(flag)}) COMPREPLY=($(compgen -W '${flag.value.choices.join(" ")}' -- "$current")); return ;;`,
        ]
      : [],
  );
  return [...chosen, ...(free.length > 0 ? [`    ${free.join("|")}) return ;;`] : [])];
}

function wordsOf(command: CommandShape): string {
  const choices = command.args.flatMap((argument) => argument.choices);
  return `    ${command.name})
      choices='${choices.join(" ")}'
      flags='${flagNames(command)}'
      ;;`;
}

function flagNames({ flags }: CommandShape): string {
  return flags.flatMap(({ names }) => names).join(" ");
}
