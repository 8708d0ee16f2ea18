/** The program's commands, flags and their values as plain data, read off commander's own: what a shell completes. */
import { type Command, Help } from "commander";

export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagShape[];
  readonly args: readonly ArgumentShape[];
}

interface FlagShape {
  /** Its spellings: --help and -h. */
  readonly names: readonly string[];
  readonly summary: string;
  /** What follows it; null: nothing. */
  readonly value: ValueShape | null;
  /** True where it may be given again. */
  readonly repeats: boolean;
}

export interface ValueShape {
  readonly name: string;
  /** All that it may be; empty: anything. */
  readonly choices: readonly string[];
  readonly isPath: boolean;
}

interface ArgumentShape extends ValueShape {
  readonly repeats: boolean;
}

/** What the program itself takes, as a command without a name, and each of its commands. */
export function programShape(program: Command): {
  readonly own: CommandShape;
  readonly commands: readonly CommandShape[];
} {
  const help = new Help();
  const commands = help.visibleCommands(program).map((command) => shapeOf(command, help));
  return { own: shapeOf(program, help), commands };
}

function shapeOf(command: Command, help: Help): CommandShape {
  return {
    name: command.name(),
    summary: clause(command.description()),
    flags: help.visibleOptions(command).map((option) => ({
      names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
      summary: clause(option.description),
      value:
        option.required || option.optional ? valueShape(option.flags, option.argChoices) : null,
      repeats: Array.isArray(option.defaultValue),
    })),
    args: command.registeredArguments.map((argument) => ({
      ...valueShape(`<${argument.name()}>`, argument.argChoices),
      repeats: argument.variadic,
    })),
  };
}

const PATHS = /^(?:file|dir|table|run)$/;

function valueShape(flags: string, choices: readonly string[] = []): ValueShape {
  const name = /[<[](.*?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1] ?? "value";
  return { name, choices, isPath: PATHS.test(name) };
}

/** A description's first clause: a shell has a line for it. */
function clause(description: string): string {
  return (/^[^;(]*/.exec(description)?.[0] ?? "").trim();
}
