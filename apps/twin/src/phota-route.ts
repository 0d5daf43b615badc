import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promptHash } from "./billing-ledger.ts";
import { readJson, sendJson } from "./json-http.ts";
import { runEnhancement } from "./phota-enhancement.ts";
import { type PhotaCall } from "./phota-call.ts";
import { nameOfImage } from "./phota-picture.ts";
import { CDN_PATH } from "./portrait-name.ts";
import { readEnhance, readProfile } from "./phota-request.ts";
import { loadSource } from "./source-image.ts";
import { type PhotaWorld } from "./phota-call.ts";

/** Prefix of Phota's paths (provider contract B). */
export const PHOTA_PATH = "/v1/phota/";

/** Limit for the other fields beside a base64 picture, in bytes. */
const OTHER_FIELDS_BYTES = 64 * 1_024;

/** Serves `POST enhance`, `POST profiles/add`, `GET profiles/<id>/status`. */
export async function answerPhota(
  world: PhotaWorld,
  path: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = `${message.method ?? ""} ${path}`;
  if (asked === "POST enhance") return answerEnhance(world, message, response);
  if (asked === "POST profiles/add") return addProfile(world, message, response);
  const id = /^GET profiles\/([^/]+)\/status$/.exec(asked)?.[1];
  if (id !== undefined) return tellStatus(world, decodeURIComponent(id), message, response);
  sendJson(response, 404, { detail: "Not found" });
}

async function answerEnhance(world: PhotaWorld, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const read = await readJson(message, Math.ceil((world.sourceRules.maxBytes * 4) / 3) + OTHER_FIELDS_BYTES);
  const enhance = read.ok ? readEnhance(read.body) : undefined;
  const request = enhance?.ok === true ? enhance.request : undefined;
  const portrait = request === undefined ? "" : nameOfImage(request.image, world.results, world.uploads);
  const session = `phota-${requestId}`;
  const cdnUrl = `${world.baseUrl(message)}${CDN_PATH}`;
  const record = world.ledger.open(portrait, {
    session,
    call: null,
    fault: null,
    promptHash: promptHash(request?.prompt ?? ""),
    startsFrom: request?.image.startsWith(cdnUrl) === true ? request.image : null,
    ending: "running",
  });
  const refuse = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
    record.ending = `http_${status}`;
    sendJson(response, status, body, { "X-Request-Id": requestId, ...headers });
  };
  if (!world.knows(message)) return refuse(401, { detail: "Invalid API key" });
  if (!read.ok) return refuse(read.status, { detail: [{ type: "json_invalid", loc: ["body"], msg: read.msg }] });
  if (request === undefined) return refuse(422, { detail: enhance?.ok === false ? enhance.detail : [] });
  const admission = world.limits.admit();
  if (!admission.admitted) {
    const { message: detail, retryAfterS, headers } = admission;
    const wait = retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) };
    return refuse(429, { detail }, { ...headers, ...wait });
  }
  const done = world.limits.begin();
  response.on("close", world.streams.open());
  const call: PhotaCall = {
    response,
    request,
    record,
    session,
    portrait,
    headers: { "X-Request-Id": requestId, ...admission.headers },
    cdnUrl,
  };
  try {
    await runEnhancement(world, call);
  } finally {
    done();
  }
}

async function addProfile(world: PhotaWorld, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const read = await readJson(message);
  if (!world.knows(message)) return sendJson(response, 401, { detail: "Invalid API key" });
  const profile = readProfile(read.ok ? read.body : undefined);
  if (!profile.ok) return sendJson(response, 422, { detail: profile.detail });
  const looked = Promise.all(profile.request.image_urls.map((url) => loadSource(url, world.sourceRules)));
  const validation = looked.then((pictures) => pictures.find((picture) => !picture.ok)?.message);
  sendJson(response, 200, { profile_id: world.profiles.add(validation) });
}

function tellStatus(world: PhotaWorld, id: string, message: IncomingMessage, response: ServerResponse): void {
  if (!world.knows(message)) return sendJson(response, 401, { detail: "Invalid API key" });
  const profile = world.profiles.status(id);
  if (profile === undefined) return sendJson(response, 404, { detail: `Profile not found: ${id}` });
  const { status, message: words } = profile;
  sendJson(response, 200, { profile_id: id, status, ...(words === undefined ? {} : { message: words }) });
}
