import { expect } from "vitest";
import type { Engine } from "./engine.ts";

/** Posts to an engine's API, expects success, and returns the body; undefined if the response has no body. */
export async function postTo<T>({ api }: Pick<Engine, "api">, path: string, body: unknown = {}): Promise<T> {
  const response = await fetch(`${api.url}/v1${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  const text = await response.text();
  expect(response.ok, `${response.status} ${text}`).toBe(true);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
