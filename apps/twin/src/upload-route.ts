import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { readJson, sendJson } from "./json-http.ts";
import { PUBLIC_PATH, UPLOAD_PATH, type UploadRefusal, type UploadStore } from "./upload-store.ts";

export interface UploadWorld {
  readonly uploads: UploadStore;
  readonly knows: (request: IncomingMessage) => boolean;
  readonly baseUrl: (request: IncomingMessage) => string;
}

const presignSchema = z.object({
  content_type: z.string().regex(/^image\/[\w.+-]+$/),
  file_type: z.literal("image"),
  expires_in_seconds: z
    .int()
    .min(60)
    .max(365 * 24 * 60 * 60),
});

/** Serves `POST /v1/upload/presign`: assigns a location for one picture (provider contract A.3). */
export async function presign(world: UploadWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const read = await readJson(request);
  if (!world.knows(request)) return sendJson(response, 401, { detail: "Invalid API key" });
  const parsed = presignSchema.safeParse(read.ok ? read.body : undefined);
  if (!parsed.success) {
    const detail = parsed.error.issues.map(({ code, path, message }) => ({
      type: code,
      loc: ["body", ...path.map(String)],
      msg: message,
    }));
    return sendJson(response, 422, { detail });
  }
  const { content_type: contentType, expires_in_seconds: lifeSeconds } = parsed.data;
  const place = world.uploads.place(contentType, lifeSeconds);
  const base = world.baseUrl(request);
  sendJson(response, 200, {
    id: place.id,
    presigned_url: `${base}${UPLOAD_PATH}${place.id}?signature=${place.signature}`,
    public_url: `${base}${PUBLIC_PATH}${place.id}.${contentType.slice("image/".length).replace(/\W.*$/, "")}`,
    expires_at: new Date(place.expiresAt).toISOString(),
    required_headers: place.requiredHeaders,
  });
}

function refuse(response: ServerResponse, { status, code }: UploadRefusal): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  response.writeHead(status, { "Content-Type": "application/xml" });
  response.end(body);
}

/** Serves `PUT /upload/<id>?signature=…`: receives the bytes, authorized only by the signature. */
export async function takeUpload(
  { uploads }: UploadWorld,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = url.pathname.slice(UPLOAD_PATH.length);
  const refusal = uploads.refusal(id, url.searchParams.get("signature"), request.headers);
  if (refusal !== undefined) return refuse(response, refusal);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // Reads excess bytes to the end, because a response in the middle of a request may be lost with the connection.
    if (size <= uploads.maxPictureBytes) parts.push(part);
  }
  if (size > uploads.maxPictureBytes) return refuse(response, { status: 413, code: "EntityTooLarge" });
  uploads.put(id, Buffer.concat(parts));
  response.writeHead(200).end();
}

/** Serves `GET` and `HEAD /public/<name>`: a picture that is readable with its URL alone until the URL expires. */
export function serveUpload({ uploads }: UploadWorld, name: string, response: ServerResponse, withBody: boolean): void {
  const upload = uploads.find(name);
  if (upload === undefined) return sendJson(response, 404, { detail: "Not found" });
  response.writeHead(200, { "Content-Type": upload.contentType, "Content-Length": upload.bytes.length });
  response.end(withBody ? upload.bytes : undefined);
}
