/** What each key of a scenario's whole, its privacy, evaluation, clients and sweep says, in a sentence. */
export const RUN_DESCRIPTIONS: Readonly<Record<string, string>> = {
  format: "Version of this format: 1.",
  name: "Name of the scenario, in a run folder's name too: 1 to 64 of a-z, 0-9 and -.",
  seed: "Replays a simulation: it deals rows, draws samples and starts the model.",
  data: "Where rows come from, how each column is recoded, and what is predicted.",
  features: "The model's inputs, each computed from one person by public rules.",
  model: "The model; without it, a linear one that fits the target.",
  training: "How clients train and how the coordinator steps.",
  privacy: "Whose data ε protects, against whom, and how much of it a run may spend.",
  statistics: "Noised counts of the clients' own rows, charged to the same budget.",
  evaluation: "What is measured on the clients' own rows, beside the held-out ones.",
  clients: "The clients of a run, and what goes wrong with simulated ones.",
  predict: "A person whom the run takes through the model at its end, layer by layer.",
  sweep: "What `murmur sweep` varies; a single run takes no notice of it.",

  "privacy.unit": "Whose data ε protects: one record, or all rows of a client.",
  "privacy.trust":
    "Who adds the noise: the coordinator (central), each client all of it (local), clients in shares under masks (distributed), nobody (none).",
  "privacy.epsilon":
    "The ε that the whole run may spend; the noise follows from it. Or noiseMultiplier.",
  "privacy.noiseMultiplier":
    "Standard deviation of the noise on the sum, divided by clipNorm, in the place of epsilon.",
  "privacy.delta": "The chance that ε fails: below 1 / population.",
  "privacy.population": "How many units there are, a public number: it is never counted.",
  "privacy.rowsPerPerson":
    "Units are persons, whose rows data.source.person names: a client keeps so many rows of each at most.",
  "privacy.accountant": "How losses are added up; auto takes the tightest that fits.",
  "privacy.adjacency":
    "By what two neighbouring tables differ: one unit contributes nothing (zeroOut), or is another (replaceOne).",
  "privacy.noise":
    "Where noise comes from: the system's randomness (secure), or the seed (seeded), which is for public and generated rows alone.",
  "privacy.spareAttempts":
    "Attempts that the budget holds beyond one a round, for rounds that fail.",
  "privacy.bounds":
    "Of features with bounds: private, which are learned of private rows before training.",
  "privacy.bounds.share": "What learning them may cost of the whole budget, in μ².",
  "privacy.colluders": "How many clients may pool what they know with an adversary.",
  "privacy.rotation":
    "Under trust distributed: updates are rotated at random before they are rounded, so that more units fit into 32 bits.",
  "privacy.roundSeconds":
    "Where clients are drawn in secret: a round lasts so many seconds, whatever clients are in it.",

  "statistics.noiseMultiplier": "Standard deviation of each client's noise on each of its counts.",
  "statistics.classCounts": "True counts the labels of each class.",
  "statistics.quantiles": "Features whose histograms are counted, each with its number of bins.",
  "statistics.quantiles.*": "Bins of this feature's histogram, 2 to 10,000.",

  "evaluation.federated": "Right and wrong predictions on the clients' own rows, as noised counts.",
  "evaluation.federated.noiseMultiplier":
    "Standard deviation of each client's noise on each of its counts.",
  "evaluation.federated.every": "Counts are taken in every n-th round.",
  "evaluation.perClient":
    "Accuracy by client: from the federated counts where there are some, else of generated and public rows alone.",

  "clients.count": "How many clients there are.",
  "clients.minCohort":
    "An attempt that fewer clients than these survive is aborted; four fifths of all unless said.",
  "clients.dropOut": "Simulated: each client of a cohort is lost to an attempt with this chance.",
  "clients.stragglers": "Simulated: some clients finish only a few local epochs.",
  "clients.stragglers.share": "The share of clients that are slow in a round.",
  "clients.stragglers.localEpochs": "Local epochs that such a client finishes at most.",
  "clients.faults": "Simulated: which clients fail, how, in which rounds and how likely.",
  "clients.faults.kind": "What such a client does.",
  "clients.faults.clients": "Clients by name (c01, c02, …); without it all, or a share of them.",
  "clients.faults.share": "That part of all clients, picked once by the seed.",
  "clients.faults.rounds": "Rounds, from 1: a list, or { from, to }; without it all.",
  "clients.faults.rounds.from": "The first of these rounds, from 1.",
  "clients.faults.rounds.to": "The last of these rounds; without it, that of the run.",
  "clients.faults.chance": "The chance of it, for each client and attempt.",
  "clients.faults.seconds": "How much later its update is sent.",
  "clients.faults.factor": "What its update is multiplied by.",
  "clients.faults.how": "How its update lies: signs turned, or trained on flipped labels.",
  "clients.deadlineSeconds": "How long a round waits for its last update.",

  "predict.row": "The person, as raw columns and their values.",
  "predict.row.*": "The value of this raw column.",

  "sweep.over": "Keys of this file with the values that each takes; privacy.epsilon may be none.",
  "sweep.over.*": "Values of this key, a setting each.",
  "sweep.repeat": "Seeds of each setting.",
  "sweep.sample": "So many settings of the grid, drawn at random; without it all.",
};
