/** A real server on loopback: what it answers, whom it refuses, whom it does not wait for. */
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BEFORE_THE_RUN, type RunStatus, statusAfter } from "../../../server/monitoring/status.ts";
import { openStatusPage, type StatusPage } from "../../../server/monitoring/status-page.ts";
import type { RunEvent } from "../../../shared/events/run-event.ts";
import { TIMING } from "../../../shared/timing.ts";

let status: RunStatus = BEFORE_THE_RUN;
let text: () => Promise<string> = async () => "";
let page: StatusPage;
const settings = (port: number, requestMs = TIMING.requestMs) => ({
  ...{ host: "127.0.0.1", port, flag: "--metrics", timing: { requestMs } },
  isKnownHost: (host: string) => host === "127.0.0.1",
  status: () => status,
  metrics: { contentType: "text/plain; version=0.0.4", text: () => text() },
});

beforeEach(async () => {
  status = BEFORE_THE_RUN;
  text = async () => "a 1\n";
  page = await openStatusPage(settings(0));
});
afterEach(() => page.close());

function ask(path: string, method = "GET", headers: Record<string, string> = {}) {
  return new Promise<{ code: number; type: string; body: string }>((resolve, reject) => {
    const options = { host: "127.0.0.1", port: page.port, path, method, headers };
    const asked = request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        body += chunk;
      });
      const type = String(response.headers["content-type"]);
      response.on("end", () => resolve({ code: response.statusCode ?? 0, type, body }));
    });
    asked.on("error", reject).end();
  });
}

const EVENTS: readonly RunEvent[] = [
  {
    ...{ event: "run-begins", runId: "05", plan: "ab", scenario: "s", clients: 2, rounds: 7 },
    ...{ trust: "central", epsilon: 1, delta: 1e-5, secretCohort: true, tellsTimes: true },
  },
  { event: "prepared" },
  {
    event: "clients-joined",
    clients: ["a"],
    elsewhere: true,
    again: false,
    here: 1,
    awaited: 1,
    away: 0,
    lost: 0,
  },
  { event: "clients-lost", clients: ["b"], why: "late", here: 1, awaited: 0, away: 0, lost: 1 },
  { event: "cohort-complete" },
  {
    event: "round-released",
    ...{ round: 0, attempts: 1, lost: 0, loss: null, accuracy: null, modelHash: "cd" },
    epsilon: { modelRecipients: 1, otherClients: 1, coordinator: null },
  },
  { event: "training-ends", reason: "done", attempts: 1 },
];

it("is live from the first, and ready once the cohort is complete", async () => {
  const seen = [];
  for (const event of [undefined, ...EVENTS]) {
    if (event) status = statusAfter(status, event);
    const [health, ready] = [await ask("/healthz"), await ask("/readyz")];
    expect(health.code).toBe(200);
    expect(ready.body).toBe(health.body);
    const { state, round, rounds, clients } = JSON.parse(health.body);
    seen.push([ready.code, state, round, rounds, clients && Object.values(clients).join()]);
  }
  expect(seen).toEqual([
    [503, "preparing", 0, null, null],
    [503, "preparing", 0, 7, "0,2,0,0"],
    [503, "waiting", 0, 7, "0,2,0,0"],
    [503, "waiting", 0, 7, "1,1,0,0"],
    [503, "waiting", 0, 7, "1,0,0,1"],
    [200, "training", 0, 7, "1,0,0,1"],
    [200, "training", 1, 7, "1,0,0,1"],
    [200, "ending", 1, 7, "1,0,0,1"],
  ]);
});

it("answers GET of three paths and nothing else", async () => {
  expect(await ask("/metrics")).toEqual({
    code: 200,
    type: "text/plain; version=0.0.4",
    body: "a 1\n",
  });
  expect((await ask("/")).code).toBe(404);
  expect((await ask("/metrics?x")).code).toBe(404);
  for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
    expect((await ask("/metrics", method)).code).toBe(405);
});

it("tells a page in a browser nothing, whatever name it dials by", async () => {
  for (const path of ["/metrics", "/healthz", "/readyz"]) {
    expect((await ask(path, "GET", { host: "rebound.example" })).code).toBe(403);
    expect((await ask(path, "GET", { origin: "http://127.0.0.1" })).code).toBe(403);
  }
});

it("says so when metrics fail, and goes on", async () => {
  text = () => Promise.reject(new Error("planted"));
  const { code, body } = await ask("/metrics");
  expect([code, body]).toEqual([500, "no metrics\n"]);
  expect((await ask("/healthz")).code).toBe(200);
});

it("names the flag whose port is taken", async () => {
  await expect(openStatusPage(settings(page.port))).rejects.toMatchObject({
    problem: { what: "port", where: "--metrics" },
  });
});

it("cuts off a request that does not come to its end", async () => {
  const impatient = await openStatusPage(settings(0, 50));
  try {
    const socket = connect(impatient.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /metrics HTTP/1.1\r\nHost: 127");
    // Node answers 408 before it hangs up.
    await new Promise((resolve) => socket.resume().once("close", resolve));
    expect(socket.destroyed).toBe(true);
  } finally {
    await impatient.close();
  }
});
