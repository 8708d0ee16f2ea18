/** Work that has begun: awaited for its result, iterated for its events, or both. */

type Reader<Event> = (events: readonly Event[]) => void;

/**
 * A promise of the result, and an iterable of the events on the way there. Each loop hears of all that
 * happens after it began, a loop that is begun at once of everything; nothing is kept where nobody loops.
 *
 * A failure rejects the promise and ends every loop that is open. It is an unhandled rejection only where
 * neither is waited for, as of any promise. Leaving a loop early leaves the work going: an `AbortSignal` ends it.
 */
export class Running<Event, Result> implements Promise<Result>, AsyncIterable<Event> {
  readonly [Symbol.toStringTag] = "Running";
  readonly #result: Promise<Result>;
  readonly #readers = new Set<Reader<Event>>();
  #ended = false;

  /** @param start begins at once, and is given what tells an event; it never throws by itself, but rejects */
  constructor(start: (tell: (event: Event) => void) => Promise<Result>) {
    const end = () => {
      this.#ended = true;
      // The readers that wait are sent on, to find the end.
      for (const read of this.#readers) read([]);
    };
    this.#result = start((event) => {
      for (const read of this.#readers) read([event]);
    }).finally(() => {
      // Whoever loops is given the failure there.
      if (this.#readers.size > 0) this.#result.catch(() => {});
      end();
    });
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise, of the result
  then<Taken = Result, Refused = never>(
    fulfilled?: ((result: Result) => Taken | PromiseLike<Taken>) | null,
    rejected?: ((reason: unknown) => Refused | PromiseLike<Refused>) | null,
  ): Promise<Taken | Refused> {
    return this.#result.then(fulfilled, rejected);
  }

  catch<Refused = never>(
    rejected?: ((reason: unknown) => Refused | PromiseLike<Refused>) | null,
  ): Promise<Result | Refused> {
    return this.#result.catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<Result> {
    return this.#result.finally(settled);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    let waiting: Event[] = [];
    let wake = () => {};
    const read: Reader<Event> = (events) => {
      waiting.push(...events);
      wake();
    };
    this.#readers.add(read);
    try {
      for (;;) {
        const events = waiting;
        waiting = [];
        yield* events;
        if (waiting.length > 0) continue;
        if (this.#ended) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await this.#result;
    } finally {
      this.#readers.delete(read);
    }
  }
}
