/** Runs whose target is a number, and that differ in one thing each: what their rows are is who runs them. */
type Settings = Readonly<Record<string, string | number>>;

const SQUARED: Settings = {};
const HUBER: Settings = { "model.kind": "linear", "model.loss": "huber" };
const TRUSTS = ["central", "local", "distributed", "none"];

/** Of the study's people: how much they earn, by their age. */
export const INCOMES: Settings = {
  "data.columns": `{
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [30, 50, 70] },
    income: { role: target, type: number },
    bought: { role: drop } }`,
  "data.target": "{ name: earns, column: income, bounds: [0, 1000] }",
  features: '{ age: { formula: "oneHot(age)" } }',
};

/** Unit record under each trust, by either loss; and a unit client. @param clients how many clients there are */
export function numberCases(clients: number): readonly { name: string; set: Settings }[] {
  const losses = [
    ["squared error", SQUARED],
    ["huber", HUBER],
  ] as const;
  const records = losses.flatMap(([loss, own]) =>
    TRUSTS.map((trust) => ({
      name: `a number by ${loss}, ${trust}`,
      set: { ...own, "privacy.trust": trust },
    })),
  );
  const unit = { "privacy.unit": "client", "privacy.population": clients, "privacy.epsilon": 10 };
  const epochs = { "training.algorithm": "fedAvg", "training.localEpochs": 2 };
  const set = { ...unit, ...epochs, "training.batchSize": 10, "privacy.trust": "central" };
  return [...records, { name: "a number, unit client", set }];
}
