import { defineConfig } from "vitest/config";

/** What `npm run test:mutants` runs for each mutant: the tests of what is mutated, without processes. */
export default defineConfig({
  test: {
    include: [
      "test/shared/accounting/**/*.test.ts",
      "test/shared/engine/{clip,fused}.test.ts",
      "test/shared/*.test.ts",
      "test/server/{adapt-clip,attempt,coordinator,count-round,gather,release,sample,server-round,statistics}.test.ts",
      "test/client/{client-ledger,client-ledger-line,clip-update,client-round,count,fed-avg,order-book,privatize,train}.test.ts",
      "test/defects/{accounting,adaptive-clipping,sensitivity,streams}.test.ts",
    ],
    environment: "node",
    setupFiles: "test/support/seed.ts",
    testTimeout: 60_000,
  },
});
