import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { DarkroomError, type ObjectStore, type OutcomeLine } from "@darkroom/core";

const decompress = promisify(gunzip);

/** A report part that is incomplete or corrupt. */
export class ReportPartDamaged extends DarkroomError {
  constructor(batchId: string, key: string, cause: unknown) {
    const message = `the report part ${key} of batch ${batchId} is damaged; restore it from the bucket's versions`;
    super("internal", message, { cause });
  }
}

interface PartLine {
  readonly text: string;
  readonly line: OutcomeLine;
}

/**
 * Reads all outcome lines of one report part. Parts are small, so a broken connection is handled like any other error.
 *
 * @throws ReportPartDamaged; storage errors unchanged
 */
export async function readReportPart(store: ObjectStore, batchId: string, key: string): Promise<readonly PartLine[]> {
  const { body } = await store.get(key);
  const bytes = await buffer(body);
  try {
    const lines = (await decompress(bytes)).toString("utf8").split("\n");
    return lines.filter((text) => text !== "").map((text) => ({ text, line: JSON.parse(text) as OutcomeLine }));
  } catch (cause) {
    throw new ReportPartDamaged(batchId, key, cause);
  }
}
