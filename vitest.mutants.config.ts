import { defineConfig } from "vitest/config";

/** What `npm run test:mutants` runs for each mutant: the tests of what is mutated, without processes. */
export default defineConfig({
  test: {
    include: [
      "test/shared/accounting/**/*.test.ts",
      "test/shared/engine/core/clip.test.ts",
      "test/shared/engine/{fused,simd}/*.test.ts",
      "test/shared/*.test.ts",
      "test/shared/{claims,ledger,noise,plan,privacy}/*.test.ts",
      "test/server/{attempts/{aggregators,attempt,run-attempt,sample},evaluation/statistics}.test.ts",
      "test/server/{rounds,step}/*.test.ts",
      "test/server/optimizers/*.test.ts",
      "test/client/algorithms/*.test.ts",
      "test/client/ledger/*.test.ts",
      "test/client/connection/{attempt-answers,client-work,client-work-masked,replay-guard}.test.ts",
      "test/client/join/agreement.test.ts",
      "test/client/round/{client-round,follow-run,masked-contributor,restarted-client,take-part}.test.ts",
      "test/client/{scaffold,training}/*.test.ts",
      "test/defects/{accounting,adaptive-clipping,sensitivity,streams}.test.ts",
    ],
    environment: "node",
    env: { MURMUR_EFFORT: "long" },
    setupFiles: "test/support/seed.ts",
    testTimeout: 60_000,
  },
});
