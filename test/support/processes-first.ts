/** Files that start processes come first: they take longest, and one that began last would end alone. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

export class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const starts = ({ moduleId }: TestSpecification) => moduleId.includes("/test/cli/");
    return [...usual.filter(starts), ...usual.filter((file) => !starts(file))];
  }
}
