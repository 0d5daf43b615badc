import { setTimeout as sleep } from "node:timers/promises";
import type { BatchStatus, Submission } from "@darkroom/core";
import { between, type Random } from "../chaos/random.ts";
import type { Engine } from "./engine.ts";

/** Users' decisions about a batch, in any order. */
const MOVES = ["pause", "resume", "raise", "cancel", "confirm", "approve", "retry", "change"] as const;
const MOVES_EACH = 12;
const LONGEST_REST_MS = 500;
const RAISE_USD = 0.2;
/** Maximum time to the end once there are no more decisions. */
const ENDS_WITHIN_MS = 60_000;

/** The decisions made, and the problems found. */
export interface Steered {
  readonly id: string;
  readonly done: readonly string[];
  readonly wrong: readonly string[];
}

/** Submits a batch with random limits, applies random decisions, and then lets it end. */
export async function steerBatch(
  engine: Engine,
  random: Random,
  recipe: Submission["recipe"],
  destination: string,
): Promise<Steered> {
  const api = `${engine.api.url}/v1/batches`;
  const done: string[] = [];
  const wrong: string[] = [];
  const call = async (path: string, body?: unknown): Promise<BatchStatus> => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${api}${path}`, { ...init, headers: { "content-type": "application/json" } });
    const answer = (await response.json()) as BatchStatus;
    if (body !== undefined) {
      done.push(`${path.split("/").at(-1)} ${response.status} ${answer.state ?? JSON.stringify(answer)}`);
    }
    if (response.status >= 500) wrong.push(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const submission = boundsOf(random);
  done.push(JSON.stringify(submission));
  let most = submission.maxCostUsd;
  const { id } = await call("", {
    source: `${engine.root}in/`,
    destination,
    recipe,
    ...submission,
  });
  if (id === undefined) throw new Error(`not accepted: ${done.join(", ")}`);

  const look = async (): Promise<BatchStatus> => {
    const status = await call(`/${id}`);
    const { total, ...states } = status.counts;
    const sum = Object.values(states).reduce((all, count) => all + count, 0);
    if (sum !== total) wrong.push(`the states add up to ${sum} and not to ${total}`);
    const spent = status.costUsd + status.lostUsd;
    if (most !== undefined && spent > most + 1e-9) wrong.push(`${spent} USD were spent of ${most}`);
    return status;
  };
  const raise = async (): Promise<void> => {
    if (most === undefined) return void (await call(`/${id}/resume`, {}));
    most = Math.round((most + RAISE_USD) * 100) / 100;
    await call(`/${id}/resume`, { maxCostUsd: most });
  };

  for (let count = 0; count < MOVES_EACH; count += 1) {
    await sleep(random() * LONGEST_REST_MS);
    const move = MOVES[between(random, [0, MOVES.length - 1])] ?? "pause";
    if (move === "raise") await raise();
    else if (move === "change") await call(`/${id}/retry`, { recipe: { prompt: `softer light, the ${count}th` } });
    else await call(`/${id}/${move}`, {});
    await look();
  }
  for (const late = performance.now() + ENDS_WITHIN_MS; ;) {
    const status = await look();
    if (status.endedAt !== null) return { id, done, wrong };
    if (performance.now() > late) {
      wrong.push(`it does not end: ${JSON.stringify(status)}`);
      return { id, done, wrong };
    }
    if (status.state === "awaiting_confirmation") await call(`/${id}/confirm`, {});
    else if (status.state === "awaiting_approval") await call(`/${id}/approve`, {});
    else if (status.state === "paused") await raise();
    await sleep(200);
  }
}

function boundsOf(random: Random): Partial<Submission> {
  const chance = (share: number): boolean => random() < share;
  return {
    ...(chance(0.4) ? { confirm: true } : {}),
    ...(chance(0.4) ? { pilot: 3 } : {}),
    ...(chance(0.6) ? { maxCostUsd: between(random, [20, 80]) / 100 } : {}),
    ...(chance(0.5) ? { breaker: { minimum: 3, failurePercent: 20 } } : {}),
    ...(chance(0.25) ? { deadline: new Date(Date.now() + between(random, [1_500, 4_500])).toISOString() } : {}),
  };
}
