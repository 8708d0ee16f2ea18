/** What `murmur account --help` says after its flags. */

export const ACCOUNT_EXAMPLE = `account <<'END'
{"mechanism":"gaussian","noiseMultiplier":1.1,"sampling":{"kind":"poisson","rate":0.01},"steps":1000,"delta":1e-5,"accountant":"pld"}
{"mechanism":"gaussian","sampling":{"kind":"full"},"steps":20,"epsilon":1,"delta":1e-5,"accountant":"gdp","solve":"noiseMultiplier"}
END`;

export const ACCOUNT_KEYS = `
Every line of stdin is one JSON object; every answer is one line, in the same order.

  delta            answers {"epsilon": …}, rdp with its "order"; null is infinite
  epsilon          instead of delta, answers {"delta": …}
  solve            with both: "noiseMultiplier", "steps" or "samplingRate", which is then left out
  accountant       rdp, pld, zcdp, gdp
  conversion       rdp only: improved (default), classical
  adjacency        zeroOut (default), addOrRemove, replaceOne
  events           several mechanisms: a list of objects with the keys below

  mechanism        its keys
  gaussian, discreteGaussian    noiseMultiplier, or sigma and l2Sensitivity
  distributedDiscreteGaussian   clients, sigma (of each), dimension, l2Sensitivity
  treeAggregation               noiseMultiplier; steps is a list of tree sizes
  laplace                       noiseMultiplier, or scale and l1Sensitivity, or epsilonPerStep
  randomizedResponse            categories, and resampleProbability or epsilonPerStep
  exponential                   epsilonPerStep, or scale and sensitivity
  steps            1 unless given
  sampling         {"kind":"full"} (default), {"kind":"poisson","rate":q},
                   {"kind":"fixedSize","size":b,"population":n}

Noise and sensitivity are stated for zeroOut, per clip norm; replaceOne doubles the sensitivity.
A line that cannot be answered gets {"line": …, "error": …}; the rest goes on, and the exit code is 1.`;
