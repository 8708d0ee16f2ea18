/** What a sweep shows while it goes: a bar on a terminal, a line for each run in a pipe. */
import { SingleBar } from "cli-progress";
import { settingText, spentText } from "../../compare/setting-text.ts";
import { shareName } from "../../compare/share-name.ts";
import type { SweepResult } from "../../compare/sweep-result.ts";
import type { SweepPlan } from "../../run/scenario/sweep-plan.ts";
import { printable } from "../../shared/errors.ts";
import { tellsRoundsOf } from "../../shared/plan/scenario-terms.ts";
import { noiseOf } from "../../shared/scenario/schema.ts";
import type { OutputOptions } from "../terminal/output.ts";

const SECONDS_PER_MINUTE = 60;

export class SweepScreen {
  readonly #talks: boolean;
  readonly #bar: SingleBar | undefined;
  #began = 0;
  #todo = 0;
  #tellsTimes = true;
  #done = 0;

  constructor({ json, quiet }: OutputOptions) {
    this.#talks = !json && !quiet;
    if (this.#talks && process.stderr.isTTY) {
      const format = "    {bar} {value}/{total} runs{left}";
      this.#bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true });
    }
  }

  opening({ name, settings, spec, runs, isPublic }: SweepPlan, todo: number, before: number): void {
    this.#began = performance.now();
    this.#todo = todo;
    this.#tellsTimes = runs.every(({ scenario }) => tellsRoundsOf(scenario));
    const kept = before > 0 ? `; finished before: ${before}` : "";
    this.#say(
      `Sweep · ${name}: ${settings.length} settings × ${spec.repeat} ${spec.repeat === 1 ? "seed" : "seeds"}, from ${spec.seed}; to do: ${todo}${kept}`,
    );
    const isSeeded = runs.some(
      ({ scenario }) => noiseOf(scenario) === "seeded" && scenario.privacy.trust !== "none",
    );
    const secure = isSeeded ? ", if the noise were secure: seeded noise protects nobody" : "";
    this.#say(
      `    ε is spent, against whoever gets the model${secure}; what it is of is told below the curve`,
    );
    if (!isPublic)
      this.#say(
        "    private rows: every run is charged; what all have cost together is told below",
      );
    this.#bar?.start(todo, 0, { left: "" });
  }

  finished(result: SweepResult): void {
    this.#done += 1;
    const told = runText(result);
    const left = this.#left();
    if (!this.#bar) {
      const place = `${String(this.#done).padStart(String(this.#todo).length)}/${this.#todo}`;
      this.#say(`  ${place}  ${told}${this.#done < this.#todo ? left : ""}`);
    } else if (result.outcome === "failed") {
      // The bar sits on the terminal's last line: it gives way, then comes back below.
      this.#bar.stop();
      this.#say(`  ${told}`);
      this.#bar.start(this.#todo, this.#done, { left });
    } else this.#bar.update(this.#done, { left });
  }

  stop(): void {
    this.#bar?.stop();
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) this.#say(line);
  }

  /** By the pace so far; nothing where that would say how long rounds take. */
  #left(): string {
    if (!this.#tellsTimes) return "";
    const seconds = (performance.now() - this.#began) / 1000;
    const left = Math.ceil((seconds / this.#done) * (this.#todo - this.#done));
    const minutes = Math.floor(left / SECONDS_PER_MINUTE);
    const told = minutes > 0 ? `${minutes} min ${left % SECONDS_PER_MINUTE} s` : `${left} s`;
    return `, ${told} left`;
  }

  #say(line: string): void {
    if (this.#talks) console.log(printable(line));
  }
}

function runText(result: SweepResult): string {
  const head = `${settingText(result.setting)} seed ${result.seed}`;
  if (result.outcome === "failed") return `${head}: FAILED, ${result.problem}`;
  const { accuracy, epsilon, anonymized, seconds } = result;
  const spent = spentText(epsilon.modelRecipients, anonymized);
  const took = seconds === null ? "" : `, ${seconds.toFixed(1)} s`;
  return `${head}: ${shareName([result]).share} ${accuracy.toFixed(3)}, ε ${spent}${took}`;
}
