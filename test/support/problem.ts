import { isRefusal } from "../../shared/errors.ts";

/** How a step was refused, as a test compares it: "ScenarioError yaml.alias". */
export async function problemOf(step: () => unknown): Promise<string> {
  try {
    await step();
  } catch (error) {
    if (isRefusal(error)) return `${error.name} ${error.problem.what}`;
    throw error;
  }
  return "no refusal";
}
