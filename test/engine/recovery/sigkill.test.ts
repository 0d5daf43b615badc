import { momentsOf } from "../kit/deadly-moments.ts";
import { describeKilledWorkers } from "../kit/killed-workers.ts";

const STEPS = ["Warmer light.", "Softer skin.", "A grey background.", "A little contrast."];

describeKilledWorkers([
  {
    provider: "each::sense, one turn",
    recipe: { provider: "each-sense", prompt: "Warmer light.", mode: "eco" },
    turns: 1,
    moments: momentsOf(0, 1),
  },
  {
    provider: "each::sense, the third of four turns",
    recipe: { provider: "each-sense", steps: STEPS.map((prompt) => ({ prompt })), mode: "eco" },
    turns: 4,
    moments: momentsOf(2, 4),
  },
]);
