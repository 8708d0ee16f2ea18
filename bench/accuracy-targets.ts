/** The privacy–accuracy points that Murmur is to reach, each a scenario with what it is to reach. */

export interface Target {
  readonly name: string;
  readonly scenario: string;
  /** As `--set` takes them. */
  readonly set?: readonly string[];
  readonly seeds: number;
  /** Mean held-out accuracy, in percent. */
  readonly atLeast?: number;
  /** Spent against whoever gets the model; absent: a twin without noise. */
  readonly epsilonAtMost?: number;
  /** At most so many points below another target's mean, over the same seeds. */
  readonly near?: { readonly target: string; readonly within: number };
}

const MNIST: readonly Target[] = [
  {
    name: "mnist-mlp",
    scenario: "mnist-mlp",
    seeds: 3,
    atLeast: 95.5,
    epsilonAtMost: 3,
  },
  {
    name: "mnist-cnn",
    scenario: "mnist-cnn",
    seeds: 1,
    atLeast: 97,
    epsilonAtMost: 2.93,
  },
  {
    name: "mnist-scatter",
    scenario: "mnist-scatter",
    seeds: 3,
    atLeast: 98.6,
    epsilonAtMost: 3,
  },
  {
    name: "mnist-scatter, ε 1.2",
    scenario: "mnist-scatter",
    set: ["privacy.epsilon=1.2", "training.learningRate=4"],
    seeds: 3,
    atLeast: 98.2,
    epsilonAtMost: 1.2,
  },
  {
    name: "fashion-scatter",
    scenario: "fashion-scatter",
    seeds: 3,
    atLeast: 89.5,
    epsilonAtMost: 3,
  },
];

const ADULT: readonly Target[] = [
  {
    name: "adult",
    scenario: "adult",
    seeds: 3,
    atLeast: 85.5,
    epsilonAtMost: 1,
    near: { target: "adult, twin without noise", within: 0.5 },
  },
  {
    name: "adult, twin without noise",
    scenario: "adult",
    set: ["privacy.trust=none"],
    seeds: 3,
  },
  {
    name: "adult, Dirichlet(0.5) clients",
    scenario: "adult-dirichlet",
    seeds: 3,
    atLeast: 85.5,
    epsilonAtMost: 1,
    near: { target: "adult, twin without noise", within: 0.5 },
  },
  {
    name: "adult, trust local",
    scenario: "adult",
    set: ["privacy.trust=local"],
    seeds: 3,
    epsilonAtMost: 1,
    near: { target: "adult", within: 2 },
  },
];

const CLIENTS: readonly Target[] = [
  {
    name: "mnist-fedavg",
    scenario: "mnist-fedavg",
    seeds: 3,
    atLeast: 97,
    epsilonAtMost: 8,
  },
  {
    name: "mnist-fedavg, ε 2",
    scenario: "mnist-fedavg",
    set: ["privacy.epsilon=2"],
    seeds: 3,
    atLeast: 96,
    epsilonAtMost: 2,
  },
  {
    name: "mnist-fedavg-mlp",
    scenario: "mnist-fedavg-mlp",
    seeds: 3,
    atLeast: 93,
    epsilonAtMost: 8,
  },
];

export const TARGETS: readonly Target[] = [...MNIST, ...ADULT, ...CLIENTS];
