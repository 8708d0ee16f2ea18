/** The fused engine's kernels, in AssemblyScript: npm run build:kernel writes them to kernel-bytes.ts. */

export {
  addPatches,
  copyRows,
  pack,
  packTotal,
  packTransposed,
  unpack,
  unpackTotal,
  weigh,
} from "./layouts.as";
export { addBiasBlocks, addBlocks, descendBlock, multiply, multiplyPatches, sumColumns } from "./products.as";
export {
  addScaled,
  addWords,
  clipRows,
  denseSquares,
  descend,
  moveInto,
  reluAll,
  reluSlopes,
  sigmoidAll,
  sigmoidSlopes,
  squareSum,
  subtractWords,
  tanhAll,
  tanhSlopes,
} from "./vectors.as";
export { quantileGaussians, searchedGaussians } from "./gaussians.as";
export { largestMove, ratioSquares, roundMoves } from "./updates.as";
export { averagePool, averagePoolBack, maxPool, maxPoolBack } from "./pools.as";
export { channelProducts, channelSquares, channelSums, normalize, normalizeBack } from "./norms.as";
