/** What a registry under test has for masked rounds where none is asked for. */
export const NO_MASKS = {
  roster: [],
  runId: "",
  gatherMasked: () => Promise.reject(new Error("no masks were asked for")),
};
