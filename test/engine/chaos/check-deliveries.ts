import { createHash } from "node:crypto";
import { fingerprint, portraitIdentity, type BatchSpec, type ObjectStore } from "@darkroom/core";
import type { ReportLine } from "../kit/engine.ts";

const AT_ONCE = 16;

/**
 * Checks that every delivered portrait is stored completely, once, under its own fingerprint, and that nothing else is
 * stored.
 */
export async function checkDeliveries(
  spec: BatchSpec,
  lines: readonly ReportLine[],
  source: ObjectStore,
  results: ObjectStore,
): Promise<string[]> {
  const findings: string[] = [];
  const delivered = lines.filter(({ state }) => state === "succeeded");
  const expected = new Set(delivered.map((line) => String(line["destination"])));
  if (expected.size !== delivered.length) findings.push("two portraits have the same destination");
  const found = new Set<string>();
  for await (const { key } of results.list()) if (!key.startsWith("_darkroom/")) found.add(key);
  for (const key of expected) if (!found.has(key)) findings.push(`${key} was delivered and is not there`);
  for (const key of found) if (!expected.has(key)) findings.push(`${key} is there and no line says so`);

  const rest = delivered.filter((line) => found.has(String(line["destination"]))).values();
  const look = async (): Promise<void> => {
    for (const line of rest) {
      const key = String(line["destination"]);
      const [photo, result] = await Promise.all([source.head(line.id), results.get(key)]);
      const chunks: Buffer[] = [];
      for await (const chunk of result.body as AsyncIterable<Buffer>) chunks.push(chunk);
      const { metadata } = result.info;
      const print = photo === undefined ? "" : fingerprint(photo, spec.recipe);
      const wanted: Record<string, string> = {
        "darkroom-fingerprint": print,
        "darkroom-batch": spec.id,
        "darkroom-portrait": String(line.index),
        "darkroom-identity": portraitIdentity({ source: line.id, destination: key }, print),
        "darkroom-sha256": createHash("sha256").update(Buffer.concat(chunks)).digest("hex"),
      };
      for (const [name, value] of Object.entries(wanted)) {
        if (metadata[name] !== value) findings.push(`${key} is marked ${name} ${metadata[name]} and not ${value}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return findings;
}
