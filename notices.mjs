/** IO: the licences of the libraries that a bundle holds, each with its text, as they demand. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^(licen[cs]e|copying|notice)/i;

/**
 * @param sources paths of all files in the bundle
 * @returns one text, libraries by name
 * @throws Error for a library that names no licence
 */
export function noticesOf(sources) {
  const folders = new Set(sources.flatMap((path) => FOLDER.exec(path)?.[1] ?? []));
  const notices = [...folders].map(noticeOf).sort((a, b) => (a < b ? -1 : 1));
  return `Murmur's files include parts of these libraries.\n\n${notices.join("\n")}`;
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!license) throw new Error(`${name} names no licence: nothing of it can be handed on`);
  const texts = readdirSync(folder)
    .filter((file) => LICENCE.test(file))
    .map((file) => `${readFileSync(join(folder, file), "utf8").trim()}\n`);
  return [`${name} ${version} (${license})\n`, ...texts].join("\n");
}
