import { momentsOf } from "../kit/deadly-moments.ts";
import { describeKilledWorkers } from "../kit/killed-workers.ts";

describeKilledWorkers([
  {
    provider: "each::sense, a redo",
    recipe: { provider: "each-sense", prompt: "Warmer light.", mode: "eco" },
    redo: "a lighter background",
    turns: 2,
    moments: momentsOf(0, 1, 1),
  },
]);
