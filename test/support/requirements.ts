/** What tests of the `system` project need beyond Node. What is missing there is a failure, told in words. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

/** Path of a browser that playwright-core can drive. @throws Error naming what to install */
export function browserPath(path = process.env.PATH ?? ""): string {
  for (const name of BROWSERS) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      if (folder !== "" && isProgram(file)) return file;
    }
  }
  throw new Error(
    `no browser: none of ${BROWSERS.join(", ")} is in PATH (apt-get install chromium)`,
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
