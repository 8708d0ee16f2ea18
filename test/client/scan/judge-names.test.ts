/** Columns of given or family names alone, and other words with capitals that are none. */
import { expect, it } from "vitest";
import { columnTally } from "../../../client/scan/scan-column.ts";

function verdictOf(column: string, words: string) {
  const tally = columnTally(column);
  for (const word of words.split(" ")) tally.add(word.replaceAll("_", " "));
  return tally.verdict();
}

/** Of lists that neither Faker nor the weights are made of. */
const GIVEN =
  "Agathe Bertil Cosimo Dorota Emeric Fiammetta Gerwin Hedwig Iolanda Jordi Kornelia Leopold";
const FAMILY =
  "Achterberg Bellandi Carvalhal Drozdowski Echeverria Fahlgren Grünwald Haverkamp Iannucci Jaquemin Kwiatkowski Lindholm";

it.each([
  ["first", GIVEN],
  ["last", FAMILY],
  ["Vorname", GIVEN],
  ["Nachname", FAMILY],
  ["prénom", GIVEN],
  ["c4", GIVEN],
  ["c4", FAMILY],
])("finds names under %s", (column, words) => {
  expect(verdictOf(column, words)).toMatchObject({
    verdict: "direct_identifier",
    type: "person_name",
  });
});

it.each([
  [
    "makes of cars",
    "Toyota Honda Nissan Mazda Hyundai Volkswagen Peugeot Fiat Skoda Volvo Jaguar Subaru Suzuki Opel Lexus",
  ],
  [
    "medicines",
    "Ibuprofen Paracetamol Metformin Amoxicillin Omeprazole Lisinopril Warfarin Insulin Aspirin Codeine Morphine Diazepam",
  ],
  [
    "elements",
    "Hydrogen Helium Lithium Carbon Nitrogen Oxygen Neon Sodium Silicon Sulfur Chlorine Argon Calcium Titanium",
  ],
  [
    "trades",
    "Engineer Teacher Nurse Carpenter Plumber Lawyer Accountant Electrician Farmer Pharmacist Librarian Journalist",
  ],
  [
    "cuisines",
    "Italian Mexican Thai Chinese Indian French Greek Turkish Japanese Korean Spanish Lebanese Vietnamese Polish",
  ],
  [
    "months",
    "January February March April May June July August September October November December",
  ],
  [
    "states",
    "Kaputt Offen Geschlossen Bezahlt Storniert Geliefert Versandt Bestellt Gemahnt Verbucht Geprüft Erledigt",
  ],
  [
    "sports",
    "Football Tennis Basketball Rugby Cricket Hockey Golf Swimming Cycling Rowing Fencing Judo Karate Boxing",
  ],
  [
    "minerals",
    "Quartz Calcite Pyrite Gypsum Fluorite Hematite Galena Topaz Malachite Feldspar Obsidian Magnetite",
  ],
])("takes %s for no people", (_, words) => {
  expect(verdictOf("c4", words).type).not.toBe("person_name");
});

it("takes last visits and first weeks for no names", () => {
  expect(verdictOf("last_status", "Open Closed Paid Sent Open Closed").verdict).toBe("harmless");
  expect(verdictOf("last", "1.5 2.5 3.5 4.5").verdict).toBe("harmless");
});

it("takes breeds for people where no header says otherwise: many are names of people too", () => {
  const breeds =
    "Beagle Poodle Boxer Collie Whippet Dalmatian Pug Greyhound Labrador Terrier Spaniel Husky Mastiff Corgi";
  expect(verdictOf("breed", breeds).verdict).toBe("harmless");
  // What is wrong here, and known: words alone do not tell.
  expect(verdictOf("c4", breeds)).toMatchObject({ type: "person_name", certain: false });
});
