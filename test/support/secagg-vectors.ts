/** The golden vectors of secure aggregation, checked on their way in. */
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => Buffer.from(text, "hex"));
const numbers = z.array(z.number().int());
const thresholds = z.record(
  z.string(),
  z.object({
    holders: z.array(numbers),
    /** By owner, then by holder in the order of `holders`. */
    shares_b: z.array(z.array(hex)),
    shares_s: z.array(z.array(hex)),
  }),
);
const client = z.object({
  index: z.number(),
  ed25519_seed: hex,
  ed25519_pk: hex,
  c_sk: hex,
  c_pk: hex,
  s_sk: hex,
  s_pk: hex,
  b: hex,
  self_seed: hex,
  self_words: numbers,
  advertise_sig: hex,
  x: numbers,
  masked: numbers.optional(),
});
const attempt = z.object({
  label: z.string(),
  n: z.number(),
  d: z.number(),
  U2: numbers,
  runId: z.string(),
  round: z.number(),
  attempt: z.number(),
  paramsHash: z.string(),
  ctx: hex,
  list_sha256: hex,
  graph: z
    .object({
      k: z.number(),
      seed: hex,
      drbg_key: hex,
      permutation: numbers,
      neighbours: z.array(numbers),
    })
    .optional(),
  clients: z.array(client),
  pairwise: z.array(
    z.object({
      u: z.number(),
      v: z.number(),
      ecdh: hex,
      seed: hex,
      words: numbers,
      sha256_16KiB: z.string(),
    }),
  ),
  thresholds,
  cases: z.array(
    z.object({
      t: z.number(),
      lost_between_R1_and_R2: numbers,
      survivors: numbers,
      sum_of_masked: numbers,
      survivors_msg_sha256: z.record(z.string(), z.string()),
      survivor_sigs: z.record(z.string(), hex),
      expect: z.union([z.object({ sum_int32: numbers }), z.object({ error: z.string() })]),
    }),
  ),
  share_packet: z
    .object({
      t: z.number(),
      u: z.number(),
      v: z.number(),
      key: hex,
      nonce: hex,
      aad: hex,
      plaintext: hex,
      ciphertext_tag: hex,
    })
    .optional(),
});

const file = z.object({
  protocol: attempt,
  wrap_around: attempt,
  lost_before_R1: attempt,
  sparse: attempt,
  shamir_negative: z.object({
    t: z.number(),
    client: z.number(),
    t_minus_1_gives: hex,
    expect: z.object({ error: z.string() }),
  }),
  graph: z.array(
    z.object({
      n: z.number(),
      k: z.number(),
      t: z.number(),
      gamma: z.number(),
      delta: z.number(),
      log2_share_attack: z.number().nullable(),
      log2_disconnect: z.number(),
      log2_abort: z.number(),
    }),
  ),
});

export type GoldenAttempt = z.infer<typeof attempt>;
export const goldenSecagg = file.parse(vectorFile("secagg.json"));
export const goldenAttempts: readonly GoldenAttempt[] = [
  goldenSecagg.protocol,
  goldenSecagg.wrap_around,
  goldenSecagg.lost_before_R1,
  goldenSecagg.sparse,
];
