/**
 * mathjs's parser with plain numbers, and nothing else of mathjs: what is not named here is in no bundle. It takes a
 * tenth of the time to load that all of mathjs does, and reads the same.
 */
import { create, parseDependencies } from "mathjs/number";

/** @throws SyntaxError of its grammar, RangeError of its stack */
export const parse: (text: string) => unknown = create(parseDependencies ?? {}).parse;
