/** The optimizer that a plan names. */
import type { OptimizerSpec } from "../../shared/training/optimizer-spec.ts";
import { adagradRule, adamRule, adaptiveOptimizer, yogiRule } from "./adaptive.ts";
import { momentumOptimizer } from "./momentum.ts";
import type { Optimizer } from "./optimizer.ts";

export function optimizerOf(spec: OptimizerSpec): Optimizer {
  switch (spec.kind) {
    case "sgd":
      return momentumOptimizer(0);
    case "momentum":
      return momentumOptimizer(spec.momentum);
    case "adam":
      return adaptiveOptimizer(adamRule(spec.beta2), spec.beta1, spec.epsilon);
    case "yogi":
      return adaptiveOptimizer(yogiRule(spec.beta2), spec.beta1, spec.epsilon);
    case "adagrad":
      return adaptiveOptimizer(adagradRule, spec.beta1, spec.epsilon);
  }
}
