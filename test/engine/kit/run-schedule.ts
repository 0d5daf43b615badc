import type { Engine } from "./engine.ts";

/**
 * Requests a run of a schedule now.
 *
 * @returns the id of its batch
 */
export async function runSchedule({ api }: Pick<Engine, "api">, id: string): Promise<string> {
  const answer = await fetch(`${api.url}/v1/schedules/${id}/run`, { method: "POST" });
  const body = (await answer.json()) as { readonly batchId?: string; readonly detail?: string };
  if (answer.status !== 202 || body.batchId === undefined) throw new Error(`no run: ${answer.status} ${body.detail}`);
  return body.batchId;
}
