/** `murmur completion`: a script for the user's shell, of the commands and flags that this program has. */
import type { Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { zshCompletion } from "../completion/zsh.ts";

const WRITTEN = { bash: bashCompletion, zsh: zshCompletion } as const;

/** As the package calls it. */
const PROGRAMS = ["murmur", "murmur-fl"] as const;

/** @param program whose commands are completed */
export function completion(shell: keyof typeof WRITTEN, program: Command): void {
  process.stdout.write(WRITTEN[shell](program, PROGRAMS));
}
