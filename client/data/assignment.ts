/** What a host is told about data, over IPC and in plain JSON: where they are, and which are its. */
import { z } from "zod";
import { dataSchema, keySource } from "../../shared/scenario/data-schema.ts";
import { faultRuleSchema } from "../../shared/scenario/fault-schema.ts";

const { source, partition } = dataSchema.shape;

export const dataAssignmentSchema = z.strictObject({
  source,
  /** The scenario's folder, absolute: no path of the source may leave it. */
  folder: z.string(),
  partition,
  /** Column → whence the master key of its pseudonyms comes; a host reads it, and nobody else. */
  keys: z.record(z.string(), keySource),
  /** The scenario's seed: of generated people, of the held-out split, of the partition. */
  seed: z.number().int().min(0).max(4_294_967_295),
  /**
   * Records there are, held-out ones not counted, checked against the rows; null where the rows are
   * private, for the check would tell, and where the unit is no record.
   */
  population: z.number().int().min(1).nullable(),
  /**
   * Persons that the scenario declares, held-out ones counted: what testRows is a share of, where a
   * column names the persons. Absent: as many as the source names.
   */
  declaredPeople: z.number().int().min(1).optional(),
  /** Names of all clients, in order: the partition deals to all, on every host alike. */
  clients: z.array(z.string()).min(1),
  /** Those of them that this host holds. */
  mine: z.array(z.string()),
  /** True for the one host that prepares the held-out people and the one to predict. */
  heldOut: z.boolean(),
  /** The scenario's predict.row; absent: the first held-out person. */
  predictRow: z.record(z.string(), z.unknown()).optional(),
});

/** All that the launcher tells a host; the plan tells it the rest. */
const hostAssignmentSchema = z.strictObject({
  index: z.number().int().min(0),
  /** Where to join, by which one-time token, and the coordinator's public key, base64url. */
  coordinator: z.strictObject({ audience: z.string(), token: z.string(), serverKey: z.string() }),
  data: dataAssignmentSchema,
  /** Which clients fail, and when; empty: none on purpose. Refused on private rows. */
  faults: z.array(faultRuleSchema),
  /** Where each client's own report goes: its owner's place, which no coordinator reads. Absent: nowhere. */
  privateFolder: z.string().optional(),
  /** Where each client keeps its own ledger across runs, absolute; null: nowhere. */
  clientLedgers: z.string().nullable(),
  /** True: it stays for another run when this one is over. */
  stays: z.boolean().default(false),
});

/** Where all clients join from elsewhere, a host has the held-out rows alone, and dials nobody. */
const heldOutAssignmentSchema = z.strictObject({
  /** Canonical JSON, under its hash. */
  plan: z.string(),
  hash: z.string(),
  data: dataAssignmentSchema,
});

export const assignmentSchema = z.union([hostAssignmentSchema, heldOutAssignmentSchema]);

export type HeldOutAssignment = z.infer<typeof heldOutAssignmentSchema>;
export type HostAssignment = z.infer<typeof hostAssignmentSchema>;
export type DataAssignment = z.infer<typeof dataAssignmentSchema>;
