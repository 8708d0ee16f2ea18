/** Up to 64 examples at once, through all layers and back, in one memory laid out for the model. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { type Model, trainedLayers } from "../../model/model.ts";
import { type ClipBounds, TOO_LONG, withMargin } from "../core/clip.ts";
import { BLOCK_SLOTS, type Examples } from "../core/engine.ts";
import { writeLossDeltas } from "../core/loss-deltas.ts";
import { Arena, type Machine } from "./arena.ts";
import {
  type BatchTrained,
  type Blocks,
  type FusedLayer,
  placeRows,
  type Rows,
  type RowTrained,
  startOf,
} from "./layer.ts";
import { placeLayer } from "./place.ts";

// Rows shorter than this are copied faster one number at a time than by a view of them.
const SHORT_ROW = 32;

export class Batch {
  /** Examples in it. */
  rows = 0;
  readonly #model: Model;
  readonly #machine: Machine;
  readonly #layers: readonly FusedLayer[];
  readonly #trained: readonly (BatchTrained | RowTrained)[];
  readonly #rowTrained: boolean;
  readonly #input: Rows;
  readonly #output: Rows;
  readonly #outputDeltas: Rows;
  readonly #blocks: Blocks;
  /** Of the example in each row. */
  readonly #labels = new Float32Array(BLOCK_SLOTS);
  /** Addresses: squared norms of each trained layer's part, row by row, its factors, its bounds. */
  readonly #squares: number;
  readonly #factors: number;
  readonly #bounds: number;

  constructor(model: Model) {
    this.#model = model;
    const arena = new Arena();
    const staging = arena.doubles(Math.max(...model.layers.map(({ parameters }) => parameters)));
    const values = [model.inputs, ...model.layers.map(({ outputs }) => outputs)].map((width) =>
      placeRows(arena, width),
    );
    const first = model.layers.findIndex(({ parameters }) => parameters > 0);
    const deltas = values.map(({ width }, l) => (l > first ? placeRows(arena, width) : null));
    this.#blocks = { count: 0, at: arena.floats(BLOCK_SLOTS) };
    const placed = model.layers.map((layer, l) => {
      const [input, output] = [values[l]!, values[l + 1]!];
      // Below the first trained layer nothing has use for deltas, and these are never written.
      const io = { input, output, deltas: deltas[l + 1] ?? output, below: deltas[l] ?? null };
      return placeLayer(layer, io, arena, staging);
    });
    const trained = trainedLayers(model).length;
    this.#squares = arena.doubles(trained * BLOCK_SLOTS);
    this.#factors = arena.doubles(trained * BLOCK_SLOTS);
    this.#bounds = arena.doubles(trained);
    this.#machine = arena.build();
    this.#layers = placed.map((make) => make(this.#machine));
    this.#trained = this.#layers.flatMap(({ trained }) => trained ?? []);
    this.#rowTrained = this.#trained.some(({ kind }) => kind === "row");
    this.#input = values[0]!;
    this.#output = values.at(-1)!;
    this.#outputDeltas = deltas.at(-1)!;
  }

  /** Reads the parameters, and the sum that is to go on; null: it starts at zero. */
  begin(parameters: Float32Array, sum: Float64Array | null): void {
    for (const layer of this.#trained) layer.begin(parameters, sum);
    this.clear();
  }

  /** Writes the sum so far. */
  end(sum: Float64Array): void {
    for (const layer of this.#trained) layer.end(sum);
  }

  /** Reads the parameters, for `step`. */
  load(parameters: Float32Array): void {
    for (const layer of this.#trained) {
      if (layer.kind === "batch") layer.load(parameters);
      else layer.begin(parameters, null);
    }
    this.clear();
  }

  /** Moves them by −share · the gradients of this batch, which is one block, and writes them. */
  step(parameters: Float32Array, share: number): void {
    for (const layer of this.#trained) {
      if (layer.kind === "batch") layer.moveBy(this.rows, share);
      else {
        for (let row = 0; row < this.rows; row++) layer.addWhole(row);
        layer.flush();
        layer.move(share);
      }
      layer.read(parameters);
    }
  }

  /** Moves the parameters by −share · the sum so far, and writes them. */
  descend(parameters: Float32Array, share: number): void {
    for (const layer of this.#trained) {
      layer.move(share);
      layer.read(parameters);
    }
  }

  clear(): void {
    this.rows = 0;
    this.#blocks.count = 0;
  }

  /** Takes in an example; it belongs to the block that `closeBlock` ends next. */
  take({ width, inputs, labels }: Examples, index: number): void {
    const { floats } = this.#machine;
    const to = startOf(this.#input, this.rows) / 4;
    const from = index * width;
    if (width < SHORT_ROW) for (let k = 0; k < width; k++) floats[to + k] = inputs[from + k]!;
    else floats.set(inputs.subarray(from, from + width), to);
    this.#labels[this.rows] = labels[index]!;
    this.rows += 1;
  }

  /** Ends the block that the examples since the last one are summed in. */
  closeBlock(): void {
    this.#machine.words[this.#blocks.at / 4 + this.#blocks.count] = this.rows;
    this.#blocks.count += 1;
  }

  forward(): void {
    for (const layer of this.#layers) layer.forward(this.rows);
  }

  /** Copies the outputs of all rows: float32[rows × outputs] from `start` on. */
  readOutputs(outputs: Float32Array, start: number): void {
    const width = this.#model.outputs;
    for (let row = 0; row < this.rows; row++) {
      const from = startOf(this.#output, row) / 4;
      for (let j = 0; j < width; j++) {
        outputs[start + row * width + j] = this.#machine.floats[from + j]!;
      }
    }
  }

  /** Forward, then back to the first trained layer: the deltas of every layer. */
  differentiate(): void {
    this.forward();
    const { floats } = this.#machine;
    const { loss, outputs: width } = this.#model;
    const [output, deltas, labels] = [this.#output, this.#outputDeltas, this.#labels];
    for (let row = 0; row < this.rows; row++) {
      const from = startOf(output, row) / 4;
      const to = startOf(deltas, row) / 4;
      writeLossDeltas(loss, width, labels[row]!, floats, from, floats, to);
    }
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      this.#layers[l]!.backward(this.rows);
      if (this.#layers[l]!.trained === this.#trained[0]) break;
    }
  }

  /** Adds every gradient as it is. */
  addWhole(): void {
    for (const layer of this.#trained) {
      if (layer.kind === "batch") layer.add(this.rows, 0, this.#blocks);
      else
        this.#forEachBlock(
          (row) => layer.addWhole(row),
          () => layer.flush(),
        );
    }
  }

  /** Adds every gradient clipped. */
  addClipped(bounds: ClipBounds): void {
    const { doubles } = this.#machine;
    for (let l = 0; l < this.#trained.length; l++) {
      doubles[this.#bounds / 8 + l] = withMargin(typeof bounds === "number" ? bounds : bounds[l]!);
    }
    const own = typeof bounds === "number" ? 0 : 1;
    this.#measureBatches();
    if (this.#rowTrained) this.#addRows(own);
    else this.#clip(0, this.rows, own);
    for (let l = 0; l < this.#trained.length; l++) {
      const layer = this.#trained[l]!;
      if (layer.kind === "batch") layer.add(this.rows, this.#at(this.#factors, l, 0), this.#blocks);
    }
  }

  /** Squared norm of each gradient: float64[rows] from `start` on. */
  readSquares(squares: Float64Array, start: number): void {
    this.#measureBatches();
    for (let row = 0; row < this.rows; row++) {
      this.#measureRow(row);
      let square = 0;
      for (let l = 0; l < this.#trained.length; l++) {
        square += this.#machine.doubles[this.#at(this.#squares, l, row) / 8]!;
      }
      squares[start + row] = square;
    }
  }

  #at(table: number, layer: number, row: number): number {
    return table + 8 * (layer * BLOCK_SLOTS + row);
  }

  #measureBatches(): void {
    for (let l = 0; l < this.#trained.length; l++) {
      const layer = this.#trained[l]!;
      if (layer.kind === "batch") layer.measure(this.rows, this.#at(this.#squares, l, 0));
    }
  }

  #measureRow(row: number): void {
    if (!this.#rowTrained) return;
    for (let l = 0; l < this.#trained.length; l++) {
      const layer = this.#trained[l]!;
      if (layer.kind !== "row") continue;
      this.#machine.doubles[this.#at(this.#squares, l, row) / 8] = layer.measure(row);
    }
  }

  /** Sets the factors of `rows` rows from `row` on, and forgets those that are not finite. */
  #clip(row: number, rows: number, own: 0 | 1): void {
    const squares = this.#at(this.#squares, 0, row);
    const factors = this.#at(this.#factors, 0, row);
    const { kernel, doubles } = this.#machine;
    const most = TOO_LONG * TOO_LONG;
    const layers = this.#trained.length;
    if (kernel.clipRows(squares, layers, rows, this.#bounds, own, most, factors) === 0) return;
    for (let i = 0; i < rows; i++) {
      if (doubles[factors / 8 + i] !== 0) continue;
      for (const layer of this.#trained) if (layer.kind === "batch") layer.forget(row + i);
    }
  }

  /** Adds what is written out row by row, so that nothing need hold more than one row's. */
  #addRows(own: 0 | 1): void {
    const { doubles } = this.#machine;
    this.#forEachBlock(
      (row) => {
        this.#measureRow(row);
        this.#clip(row, 1, own);
        for (let l = 0; l < this.#trained.length; l++) {
          const layer = this.#trained[l]!;
          if (layer.kind === "row") layer.add(doubles[this.#at(this.#factors, l, row) / 8]!);
        }
      },
      () => {
        for (const layer of this.#trained) if (layer.kind === "row") layer.flush();
      },
    );
  }

  #forEachBlock(visit: (row: number) => void, close: () => void): void {
    let row = 0;
    for (let block = 0; block < this.#blocks.count; block++) {
      const end = this.#machine.words[this.#blocks.at / 4 + block]!;
      for (; row < end; row++) visit(row);
      close();
    }
  }
}
