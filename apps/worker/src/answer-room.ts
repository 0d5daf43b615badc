import { formatOfKey, picturesOfStep } from "@darkroom/core";
import { answerBytes } from "@darkroom/imaging";
import type { Receipt } from "@darkroom/ledger";
import type { Provider } from "@darkroom/provider-kit";
import type { Claimed, WorkerContext } from "./context.ts";
import { EndRun } from "./ending.ts";
import type { Prepared } from "./prepare.ts";

/** After a longer wait it is asked whether the batch still runs. */
const SHORT_WAIT_MS = 2_000;

/**
 * Runs a portrait's calls and the storing of what they give. Where the provider's answers hold their pictures, there is
 * room for these first, and until they are stored: they wait in memory for their turn. This budget is entered before
 * `pictureMemory` and never within it, so that no two portraits wait for each other.
 */
export function withAnswerRoom<T>(
  { answerMemory, ledger }: Pick<WorkerContext, "answerMemory" | "ledger">,
  { answersWith }: Pick<Provider, "answersWith">,
  { spec, signal }: Pick<Claimed, "spec" | "signal">,
  prepared: Pick<Prepared, "source" | "recipe" | "row">,
  receipt: { readonly current: Receipt },
  work: () => Promise<T>,
): Promise<T> {
  const { source, recipe, row } = prepared;
  if (answersWith === "links" || source === undefined) return work();
  const format = formatOfKey(row.destination) === "png" ? "png" : "jpeg";
  const ofStep = (step: number): number => answerBytes(source.probe, picturesOfStep(recipe, step), format);
  const last = recipe.steps.length - 1;
  // A further step holds the picture of the one before.
  const bytes = ofStep(last) + (last > 0 ? ofStep(last - 1) : 0);
  const since = performance.now();
  const begin = async (): Promise<T> => {
    // What a pause has met waiting is not paid for after it: its job goes back, and is parked.
    if (performance.now() - since > SHORT_WAIT_MS && (await ledger.readForDispatch(spec.id))?.state === "paused") {
      throw new EndRun({ kind: "hand-back", reason: "memory", receipt: receipt.current });
    }
    return await work();
  };
  return answerMemory.use(bytes, begin, signal);
}
