/** What Prometheus would read of a page of metrics, by a reader of its own. */

export interface Scraped {
  readonly status: number;
  readonly text: string;
}

/** undefined: nobody listens there, or not any more. */
export async function scrape(url: string, init: RequestInit = {}): Promise<Scraped | undefined> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}

/** Value by series, `name{label="value"}` as it stands there; comments are left out. */
export function samples(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line): [string, number] => {
      const at = line.lastIndexOf(" ");
      const value = line.slice(at + 1);
      return [line.slice(0, at), value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value)];
    }),
  );
}

/** The metrics that there are, by their own names. */
export function metricNames(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
}
