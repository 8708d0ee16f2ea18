import { defineConfig } from "vitest/config";

/** What `npm run test:mutants` runs for each mutant: the tests of what is mutated, without processes. */
export default defineConfig({
  test: {
    include: [
      "test/shared/accounting/**/*.test.ts",
      "test/shared/engine/core/clip.test.ts",
      "test/shared/engine/{fused,simd}/*.test.ts",
      "test/shared/*.test.ts",
      "test/server/{adapt-clip,aggregators,attempt,coordinator,count-round,gather,release,run-attempt,sample,server-round,statistics,step-control,averaging}.test.ts",
      "test/server/optimizers/*.test.ts",
      "test/client/algorithms/*.test.ts",
      "test/client/ledger/*.test.ts",
      "test/client/link/{attempt-answers,client-work,client-work-masked,replay-guard}.test.ts",
      "test/client/{agreement,clip-update,client-round,control-book,count,follow-run,masked-contributor,privatize,restarted-client,take-part}.test.ts",
      "test/defects/{accounting,adaptive-clipping,sensitivity,streams}.test.ts",
    ],
    environment: "node",
    env: { MURMUR_EFFORT: "long" },
    setupFiles: "test/support/seed.ts",
    testTimeout: 60_000,
  },
});
