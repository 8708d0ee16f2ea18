import { describe } from "vitest";
import { plainEngine } from "../../../../shared/engine/plain/engine.ts";
import { describeEngine } from "../../../support/engine-tests.ts";

describe("plainEngine", () => describeEngine(plainEngine));
