/** One spelling for one value: how text is made equal before a hierarchy looks it up. */
export type NormaliseStep = "nfc" | "trim" | "collapseSpaces" | "caseFold";

/** The steps, in the order given. */
export function normalise(text: string, steps: readonly NormaliseStep[]): string {
  return steps.reduce(normaliseOnce, text);
}

function normaliseOnce(text: string, step: NormaliseStep): string {
  switch (step) {
    case "nfc":
      return text.normalize("NFC");
    case "trim":
      return text.trim();
    case "collapseSpaces":
      return text.replace(/\s+/gu, " ");
    case "caseFold":
      // Up, then down: lower case alone keeps ß apart from SS.
      return text.toUpperCase().toLowerCase();
  }
}
