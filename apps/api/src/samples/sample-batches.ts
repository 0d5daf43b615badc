import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DarkroomError, isTwinLane, submissionSchema } from "@darkroom/core";
import { acceptBatch } from "@darkroom/intake";
import { makersTenant, type Caller } from "../access/caller.ts";
import { reserveFor, servicesFor } from "../access/submitter.ts";
import type { Services } from "../services.ts";

const TEAM = fileURLToPath(new URL("../../../../examples/team/", import.meta.url));
const PHOTOS = ["design/portrait-01.jpg", "design/portrait-03.jpg", "engineering/portrait-02.jpg"] as const;
const MORE = ["design/portrait-04.jpg", "sales/portrait-03.jpg", "sales/portrait-05.jpg"] as const;
const CUT_BYTES = 400;
const HALF_A_DAY_H = 12;

/** A sample batch: the state that it shows, and the steps that lead to it. */
interface Sample {
  readonly name: string;
  readonly photos: readonly string[];
  /** True to add a photo that is cut off. */
  readonly isBroken?: boolean;
  readonly fields?: object;
}

/** @param nowMs epoch ms; one sample waits for hours that are half a day away */
function samples(nowMs: number): readonly Sample[] {
  const hour = (new Date(nowMs).getUTCHours() + HALF_A_DAY_H) % 24;
  const between = `${String(hour).padStart(2, "0")}:00-${String(hour).padStart(2, "0")}:30`;
  return [
    { name: "waits for its hours", photos: PHOTOS, fields: { between, timeZone: "UTC" } },
    { name: "waits for your confirmation", photos: PHOTOS, fields: { confirm: true } },
    { name: "a pilot to look at", photos: [...PHOTOS, ...MORE], fields: { pilot: 2 } },
    { name: "one photo is broken", photos: PHOTOS, isBroken: true },
    { name: "finished", photos: [...PHOTOS, ...MORE] },
  ];
}

/** True if every account of this deployment is the simulator, so that nothing is paid. */
export function isSimulated({ lanes }: Pick<Services, "lanes">): boolean {
  const names = Object.values(lanes);
  return names.length > 0 && names.every(isTwinLane);
}

/**
 * Submits batches of the example team that show several states.
 *
 * @returns their ids
 * @throws DarkroomError `conflict` if an account is not the simulator, or without `DARKROOM_UPLOADS`
 */
export async function createSamples(services: Services, caller: Caller, nowMs: number): Promise<readonly string[]> {
  if (!isSimulated(services)) {
    throw new DarkroomError("conflict", "Samples need the simulator as the only provider: npm start -- --sample");
  }
  const ids: string[] = [];
  for (const sample of samples(nowMs)) ids.push(await createSample(services, caller, sample));
  return ids;
}

async function createSample(services: Services, caller: Caller, sample: Sample): Promise<string> {
  const { uploads, uploadPlaces } = services;
  const { name, photos, isBroken = false, fields = {} } = sample;
  const tenant = makersTenant(caller);
  const upload = await uploads.create(tenant);
  const store = uploadPlaces.store(upload);
  for (const path of photos) {
    await store.put(path.replace("/", "-"), await photo(path), { contentType: "image/jpeg" });
  }
  if (isBroken) {
    const start = (await photo(PHOTOS[0])).subarray(0, CUT_BYTES);
    await store.put("broken.jpg", start, { contentType: "image/jpeg" });
  }
  const submission = submissionSchema.parse({
    name: `Sample: ${name}`,
    source: uploadPlaces.photos(upload),
    destination: uploadPlaces.results(upload),
    recipe: {
      preset: "professional-polish",
      ...(services.lanes["each-sense"] === undefined ? { provider: "phota" } : { mode: "eco" }),
    },
    ...fields,
  });
  const { id } = await acceptBatch(submission, servicesFor(services, caller), {
    tenant,
    reserve: reserveFor(services, caller),
    beforeCreate: (batchId) => uploads.setBatch(upload, batchId),
  });
  return id;
}

async function photo(path: string): Promise<Buffer> {
  try {
    return await readFile(`${TEAM}${path}`);
  } catch (cause) {
    throw new DarkroomError("conflict", "The example team's photos are not installed here.", { cause });
  }
}
