/** The command by which the run began, and what a second one can be held against. */
import { escapeHtml, paragraph, table } from "../shared/page/html-page.ts";
import type { PrivacyPlan } from "../shared/privacy/plan.ts";
import { section } from "./html-parts.ts";
import type { Manifest, RunReport } from "./run-report.ts";

export function reproducePart({ manifest, plan: { privacy } }: RunReport): string {
  const { murmur, node, engine, hardware, seed, runId, planHash, modelHash, ledger } = manifest;
  const same =
    privacy.noise === "seeded"
      ? "The same command with the same version gives the same model and the same ledger, byte for byte, on any number of hosts."
      : // Without noise too: the run's id, and who or what was drawn, are secret coins.
        "The run's id and all coins of its rounds came from the operating system and exist nowhere else: the same command draws others, and gives another ledger and a model of the same distribution.";
  return section({ id: "reproduce", title: "Do it again" }, [
    paragraph(same),
    ...(manifest.command.name === "serve" ? [paragraph(JOINED)] : []),
    `<pre tabindex="0"><code>${escapeHtml(commandText(manifest, privacy))}\nnpx murmur-fl verify RUN_FOLDER</code></pre>`,
    table(
      ["what", "value"],
      [
        ["seed", String(seed)],
        ["run", runId],
        ["plan", planHash],
        ["model", modelHash],
        ["ledger's last line", `${ledger.seq}: ${ledger.hash}`],
        ["versions", `murmur ${murmur}, Node ${node}, engine ${engine}`],
        [
          "machine",
          `${hardware.cores} cores, ${hardware.processor}, ${Math.round(hardware.memoryBytes / 2 ** 30)} GiB`,
        ],
      ],
    ),
  ]);
}

const JOINED =
  "This is the coordinator's part: its clients join from their own machines, each by murmur join with its own rows.";

function commandText({ command, seed }: Manifest, { noise }: PrivacyPlan): string {
  const { name, file, set } = command;
  const sets = set.map(({ path, value }) => `--set ${quoted(`${path}=${value}`)}`);
  const simulated = noise === "seeded" ? ["--simulation"] : [];
  // Certificate and list are the coordinator's own.
  const served = name === "serve" ? ["--listen HOST:PORT", ...simulated] : [];
  return ["npx murmur-fl", name, quoted(file), `--seed ${seed}`, ...sets, ...served].join(" ");
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./=,:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
