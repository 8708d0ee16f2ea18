/**
 * Faults that a run must stand, by the row of the project's list of them, and what must come of each. A
 * test is a row's by its name, which begins "row 24: …" (test/support/faults-table.ts).
 */
export interface FaultRow {
  readonly row: string;
  readonly fault: string;
  readonly outcome: string;
}

const ROWS: readonly (readonly [row: string, fault: string, outcome: string])[] = [
  [
    "1",
    "a client dies before it sends",
    "left out at the deadline; the round goes on with the rest",
  ],
  [
    "2",
    "a client dies between its own charge and its update",
    "its ledger is one ahead, and never mended downward",
  ],
  ["3", "a client dies after its masked update, before it opens shares", "its update counts"],
  ["4", "a client dies before its masked update", "it is left out; the sum is the others'"],
  [
    "5",
    "two neighbours in a sparse graph die",
    "their common mask is in no vector; the sum is right",
  ],
  ["6", "too many die to open the masks", "`secagg.below-threshold`, nothing opened"],
  ["7", "too few clients to begin", "waits, then is interrupted, resumable; nothing is charged"],
  ["8", "too few updates come", "aborted, charged, nothing released"],
  ["8b", "a small or an empty sample", "released with all its noise, charged, never aborted"],
  ["9", "a whole host dies", "its clients are lost, in one line"],
  ["10", "a client starts again with its key", "replaces its old socket (4408); counts once"],
  ["11", "a client has an older copy of its ledger", "`ledger.rollback`: it takes no part"],
  ["12", "the coordinator is killed before the charge", "nothing is charged; resumed"],
  [
    "13",
    "… after the charge is written, before it is synced",
    "torn or whole; a whole line is spent",
  ],
  [
    "14",
    "… after the sync, before the release",
    "secure: spent, a new attempt; seeded: the same one again",
  ],
  [
    "15",
    "… after the release, before the checkpoint",
    "the last checkpoint's model; what was charged stays so",
  ],
  ["16", "… in the middle of a checkpoint", "the old checkpoint is used"],
  [
    "17",
    "… between a checkpoint's rename and its folder's sync",
    "either one is whole and fits the ledger; from the older one seeded clients give the same bytes again, of others that stayed it asks nothing: `checkpoint.behind`",
  ],
  [
    "18",
    "SIGTERM or Ctrl-C",
    "ends the round or 5 s, clients hear 1001, exit 130, resumable; a second one ends at once",
  ],
  [
    "18b",
    "TERM or HUP to the whole process group, at ten moments drawn by a seed",
    "hosts ignore it; interrupted, exit 130; resumed to the bytes of an unbroken run",
  ],
  ["19", "the disk is full at the ledger", "`ledger.write`, no release, exit 1, resumable"],
  [
    "20",
    "the disk is full at a checkpoint or a report",
    "`disk.full`, exit 1, the old checkpoint kept",
  ],
  ["21", "fsync fails", "fatal, never tried again; the charge is spent"],
  [
    "22",
    "the run folder cannot be written, or vanishes",
    "exit 2 at the start, later as a full disk",
  ],
  ["23", "two coordinators on one run folder", "`run.locked` for the second"],
  ["24", "a half-open socket", "dead after 30 s of silence"],
  ["25", "one byte a second in the HTTP upgrade", "cut after 5 s"],
  ["26", "silence after the upgrade", "cut after 5 s"],
  ["26b", "5,000 connection attempts", "cut at the limits; known hosts are served on"],
  ["25b", "pings without end, by JSON or by WebSocket", "4429 at the 65th; one a heartbeat is due"],
  [
    "26c",
    "200 idle and 200 half-open sockets from two addresses, that come again",
    "the oldest of whoever has most must go; an honest client is in within 10 s",
  ],
  ["26d", "strangers that come and go", "a log line a second, which counts the rest"],
  ["27", "fragments that never end", "closed at the 17th"],
  ["28", "a slow reader of the model", "4410 after 30 s; nobody else waits"],
  ["29", "a slow sender", "late at the deadline"],
  ["30", "some clients cut off for a while", "they come back and send what they kept"],
  ["31", "most clients cut off", "the attempt aborts, the next one waits for them"],
  ["32", "messages in disorder, twice, or lost", "the socket is closed; an update counts once"],
  ["33", "an update twice, with the same or other bytes", "`duplicate`, or `update.conflict`"],
  ["34", "an update of another round or attempt", "`update.round`"],
  ["35", "an update for somebody else's client", "4403"],
  ["36", "NaN or infinity in gradients; in a model", "zeros, then noised; `model.non-finite`"],
  ["37", "an update a million times too long", "unit client, central: `update.norm`"],
  [
    "38",
    "a flipped sign within the norm",
    "taken; median and trimmed mean where trust allows them",
  ],
  ["39", "an update of the wrong shape", "`update.shape`"],
  ["40", "a wrong share, a changed packet", "refused; the culprit is named where it is found"],
  [
    "41",
    "a coordinator that lies about survivors, or asks for both shares",
    "no shares; keys erased",
  ],
  ["42", "another plan, noise, clip norm, minimum", "4409, the client names the field"],
  ["43", "an old round, an older model", "refused by (round, attempt)"],
  ["44", "the clock jumps by a day", "no effect on rounds"],
  [
    "45",
    "training blocks the event loop",
    "heartbeats go on between two clients; else it drops out cleanly",
  ],
  [
    "46",
    "a client runs out of memory",
    "its host dies as in row 9; the message says what to raise",
  ],
  ["47", "a client's rows change between rounds", "`data.changed`, exit 1"],
  ["48", "the budget ends amid a run", "the last round it holds, then a normal end"],
  ["49", "a client's own budget is smaller", "it declines; the run says so"],
  ["50", "a client without rows", "zeros and noise; its count is not told"],
  ["51", "the model diverges", "not adopted; exit 1, the round named and charged"],
  [
    "52",
    "a host without the engine that was chosen",
    "`training.engine`: never another one in silence",
  ],
  [
    "53",
    "an interface is down for 3, 15 or 60 s, or a client is stopped",
    "the open attempt waits for it; nothing is charged while fewer than minCohort are heard; the run goes on",
  ],
  [
    "54",
    "an enrolled client that never answers",
    "sits out after two rounds, for 2, 4, 8 …; named in the report; an answer clears it",
  ],
];

export const FAULT_ROWS: readonly FaultRow[] = ROWS.map(([row, fault, outcome]) => ({
  row,
  fault,
  outcome,
}));
