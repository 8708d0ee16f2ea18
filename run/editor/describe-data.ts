/** What each key of a scenario's `data` says, in a sentence. */
export const DATA_DESCRIPTIONS: Readonly<Record<string, string>> = {
  "data.source": "The rows: generated, or in files beside the scenario.",
  "data.source.generator": "Rows are made up by the seed, in the place of a file.",
  "data.source.folder":
    "Where the files are, if not beside the scenario: a folder below it, or npm:PACKAGE/FOLDER.",
  "data.source.file": "A table: CSV, JSON lines, Parquet or IDX, gzipped or not.",
  "data.source.files": "A table a client, in the clients' order, with partition: { kind: files }.",
  "data.source.testFile": "A table of the held-out people, in the place of testRows.",
  "data.source.header": "Names of the columns, where the file's first line is a row already.",
  "data.source.delimiter":
    "What parts the cells of a CSV file, where its first line does not show it.",
  "data.source.decimal":
    "What stands before the tenths of a number in a CSV file: a point, or a comma (3,5).",
  "data.source.missing": "A cell that says so is empty; text, or a list of it.",
  "data.source.rows": "Rows of all clients together; of a file, without it, all that are there.",
  "data.source.testRows": "People held out for evaluation, whose rows go to the coordinator.",
  "data.source.person": "The column that names the person, where one may have several rows.",
  "data.source.events": "Lists of events, joined from the rows of each person.",
  "data.source.events.*": "A list of events: each row of a person that fits is one.",
  "data.source.events.*.time": "The column with the time of the event.",
  "data.source.events.*.fields": "Further columns of the event.",
  "data.source.events.*.where": "A formula over a row, which is an event where it is true.",
  "data.source.where": "A formula over a person, who is kept where it is true.",
  "data.source.public": "True where nobody's privacy hangs on the rows.",
  "data.person": "Short for data.source.person: the column that names the person.",

  "data.columns": "Every column of the table, with one role each.",
  "data.columns.*": "A column: its role, and the fixed level at which it is kept.",
  "data.columns.*.from": "The column's name in the table, if it is another.",
  "data.columns.*.role":
    "What it is to privacy: directIdentifier (dropped), quasiIdentifier, sensitive, insensitive, target, eventLog, or drop.",
  "data.columns.*.identifiersKnown":
    "Why people's names or numbers that the scan finds in it may stay.",
  "data.columns.*.action": "What becomes of a direct identifier: dropped, or a keyed pseudonym.",
  "data.columns.*.identifier": "How a pseudonym's values are spelled alike before they are hashed.",
  "data.columns.*.key": "Where the master key of pseudonyms comes from; never the key itself.",
  "data.columns.*.key.env": "The environment variable that holds the key.",
  "data.columns.*.key.file": "The file that holds the key.",
  "data.columns.*.dropAfterJoin": "True drops the pseudonym once rows are joined by it.",
  "data.columns.*.type": "What its cells are.",
  "data.columns.*.shape": "Of images: [height, width], or [height, width, channels].",
  "data.columns.*.bounds":
    "The least and greatest value, public: two numbers or days; or auto, which needs anonymity.unsafe.",
  "data.columns.*.bands":
    "Inner edges of half-open bands, those at both ends open; or quantiles, which need anonymity.unsafe.",
  "data.columns.*.bands.quantiles": "So many bands of equally many rows, learned from the rows.",
  "data.columns.*.edges": "Edges of bands, the lowest and the highest among them.",
  "data.columns.*.outside":
    "A cell beyond the bounds is moved to the nearer end (clip), or refused (refuse, the default).",
  "data.columns.*.clip": "Numbers beyond these two become the nearer one.",
  "data.columns.*.round": "Numbers are rounded to the nearest multiple of it.",
  "data.columns.*.floor": "Numbers are rounded down to a multiple of it.",
  "data.columns.*.reference": "The day to which ages and days before are counted, YYYY-MM-DD.",
  "data.columns.*.format":
    "How its dates are written; YYYY-MM-DD, or times with their zone, unless it says so.",
  "data.columns.*.length": "Characters of a code, spaces not counted.",
  "data.columns.*.charset": "Characters of a code.",
  "data.columns.*.hierarchy":
    "Coarser values of each value: a CSV file's path, or value: [parents, upwards].",
  "data.columns.*.hierarchy.*": "The parents of this value, the nearest first.",
  "data.columns.*.level":
    "The fixed level: of a hierarchy by name or number, of a date day to year, of a code how many characters are masked.",
  "data.columns.*.vocabulary":
    "All values there are, public; or auto, which needs anonymity.unsafe.",
  "data.columns.*.unseen": "A value that is not listed counts as other, or is an error.",
  "data.columns.*.missing":
    "What an empty cell counts as: a category of its own, a number, or an error.",
  "data.columns.*.normalise": "Steps by which text is spelled alike before it is looked up.",
  "data.columns.*.take": "Where a person's rows differ: the first one's value counts.",
  "data.columns.*.time": "The field of an event that holds its time.",
  "data.columns.*.cutOff": "Events from this day on are not seen by the model, YYYY-MM-DD.",
  "data.columns.*.maxAgeDays": "Events of more days before the cut-off are left out.",
  "data.columns.*.maxEvents": "So many events of a person are kept, the latest.",
  "data.columns.*.truncateDays": "Days before the cut-off are rounded down to a multiple of it.",
  "data.columns.*.amount": "How an event's amount is kept.",
  "data.columns.*.amount.clip": "Amounts beyond these two become the nearer one.",
  "data.columns.*.amount.round": "Amounts are rounded to the nearest multiple of it.",
  "data.columns.*.amount.floor": "Amounts are rounded down to a multiple of it.",
  "data.columns.*.amount.bands": "Edges of the bands that amounts are kept in.",
  "data.columns.*.category": "How an event's category is kept.",
  "data.columns.*.category.from": "The field of the event that holds it, if it has another name.",
  "data.columns.*.category.vocabulary": "All categories there are, public.",
  "data.columns.*.category.unseen":
    "A category that is not listed counts as other, or is an error.",
  "data.columns.*.category.normalise":
    "Steps by which a category is spelled alike before it is looked up.",
  "data.columns.*.fields": "Of events that are lists: what follows the time, in order.",

  "data.target": "What is predicted: an event to come, or a column, of classes or of numbers.",
  "data.target.name": "Name of the label, a camelCase identifier.",
  "data.target.event": "The event log in which an event decides the label.",
  "data.target.within": "Days from the cut-off on in which such an event makes the label 1.",
  "data.target.column": "The column that holds the label.",
  "data.target.positive": "The value of that column whose label is 1; all others are 0.",
  "data.target.classes": "All values of that column, one class each, in the place of positive.",
  "data.target.bounds":
    "Of a column of numbers: the lowest and the highest, in its own units; beyond them a number is the nearer one.",

  "data.partition": "How rows are dealt to simulated clients.",
  "data.partition.kind": "At random (iid), skewed by label, by a column, by size, or a file each.",
  "data.partition.alpha": "Of dirichlet: the smaller, the more skewed the labels of a client.",
  "data.partition.column": "Of byColumn: the column whose values are kept together.",
  "data.partition.shards":
    "Of shards: so many contiguous parts of the rows, sorted by label, a client.",
  "data.partition.sizes": "Of sizes: the law by which sizes of clients differ.",
  "data.partition.sigma": "Of logNormal: standard deviation of the logarithm of a client's size.",
  "data.partition.exponent": "Of zipf: how steeply sizes fall.",

  "data.anonymity": "What groups of alike people must hold, as far as anonymity by groups goes.",
  "data.anonymity.mode":
    "Groups are reported, small ones left out (suppress), or formed by rows (mondrian); the latter two weaken ε.",
  "data.anonymity.k": "The least size of a group.",
  "data.anonymity.sensitive": "Columns whose values within a group are looked at, for l and t.",
  "data.anonymity.unsafe":
    "True allows bounds and vocabularies learned from the rows, with which no ε holds against the raw table.",
};
