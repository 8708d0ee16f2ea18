/**
 * The order of test files: what waits longest begins first, for a file that begins last ends alone. A cable that is out
 * for a minute costs nothing beside other tests; then files with a process of their own, then those that share
 * processes, which go from one such file to the next, commands and whole runs among them first.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

const ORDER = [
  ...["/test/system/outages", "/test/system/", "/test/end-to-end/masked", "/test/cli/masked-join"],
  ...["/test/cli/", "/test/end-to-end/", ""],
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification) =>
      ORDER.findIndex((part) => moduleId.includes(part)) + (project.config.isolate ? 0 : 10);
    return usual.toSorted((a, b) => place(a) - place(b));
  }
}
