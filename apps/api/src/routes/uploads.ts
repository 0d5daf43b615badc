import { DarkroomError } from "@darkroom/core";
import { isCoveredStore } from "@darkroom/intake";
import { boundsOf } from "@darkroom/access";
import { z } from "zod";
import { makersTenant, type Caller } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import { drainUpload } from "../manifests/manifest-upload.ts";
import type { ApiServer, Services } from "../services.ts";
import { MAX_PHOTO_BYTES, pictureBody } from "../uploads/picture-body.ts";
import { noSuchUpload } from "../uploads/submitted-upload.ts";
import { MAX_FILES, MAX_UPLOAD_BYTES, type Upload } from "../uploads/upload-book.ts";
import { uploadKey } from "../uploads/upload-name.ts";

const TAGS = ["uploads"];
const LIMIT_TEXT = `An upload takes at most ${MAX_FILES} files and ${MAX_UPLOAD_BYTES / 1_024 ** 3} GiB, counting replaced ones.`;
const params = z.object({ id: z.string().max(64) });

const pathQuery = z.strictObject({
  path: z.string().min(1).max(1_024).describe("The file's name, or its path in a dropped folder."),
});

const photoSchema = z.object({ path: z.string(), sizeBytes: z.int() });
const uploadSchema = named(
  "Upload",
  z.object({
    id: z.string(),
    source: z.string().describe("Location of the photos, as the `source` or `baseUrl` of a submission."),
    destination: z.string().describe("Default location of the results. A submission may name another one."),
    expiresAt: z.iso.datetime().describe("When the photos are deleted if they have no batch."),
    maxPhotoBytes: z.int(),
    photos: z.array(photoSchema).readonly(),
  }),
);

/** Routes for photos that the web page sends before their batch is submitted. */
export async function uploadRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/uploads",
    {
      config: { scope: "submit" },
      schema: {
        operationId: "createUpload",
        summary: "Begin an upload of photos",
        description: "Needs `DARKROOM_UPLOADS`. The key's limits of sources and destinations apply.",
        tags: TAGS,
        response: { 201: answer("The empty upload", uploadSchema), ...problems(401, 403, 409, 503) },
      },
    },
    async (request, reply) => {
      const { services, caller } = { services: app.services, caller: request.caller };
      const { uploads, uploadPlaces } = services;
      checkPlaces(uploadPlaces, { tenant: makersTenant(caller), id: "new" }, caller);
      const upload = await uploads.create(makersTenant(caller));
      return await reply.code(201).send(await viewUpload(services, upload));
    },
  );

  app.get(
    "/uploads/:id",
    {
      config: { scope: "submit" },
      schema: {
        operationId: "getUpload",
        summary: "List the photos of an upload",
        tags: TAGS,
        params,
        response: { 200: answer("The upload", uploadSchema), ...problems(401, 404, 409, 503) },
      },
    },
    async (request) => await viewUpload(app.services, { tenant: makersTenant(request.caller), id: request.params.id }),
  );

  app.delete(
    "/uploads/:id",
    {
      config: { scope: "submit", repeats: "safely" },
      schema: {
        operationId: "deleteUpload",
        summary: "Delete the photos of an upload that has no batch",
        tags: TAGS,
        params,
        response: { 204: z.undefined().describe("Deleted"), ...problems(401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { uploads, uploadPlaces } = app.services;
      const upload = await openUpload(app.services, request.caller, request.params.id);
      await uploadPlaces.deletePhotos(upload);
      await uploads.forget(upload);
      await reply.code(204).send();
    },
  );

  app.delete(
    "/uploads/:id/photos",
    {
      config: { scope: "submit", repeats: "safely" },
      schema: {
        operationId: "deletePhoto",
        summary: "Delete a photo of an upload that has no batch",
        tags: TAGS,
        params,
        querystring: pathQuery,
        response: { 204: z.undefined().describe("Deleted"), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const upload = await openUpload(app.services, request.caller, request.params.id);
      await app.services.uploadPlaces.store(upload).delete(uploadKey(request.query.path));
      await reply.code(204).send();
    },
  );

  await app.register(photoRoute);
}

/** The route that receives one photo. Its body is a stream, whatever its type. */
async function photoRoute(app: ApiServer): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.put(
    "/uploads/:id/photos",
    {
      config: { scope: "submit" },
      schema: {
        operationId: "putPhoto",
        summary: "Send a photo",
        description: `The body is the file, at most ${MAX_PHOTO_BYTES / 1_024 / 1_024} MiB, with \`Content-Length\`. A photo of the same path is replaced. ${LIMIT_TEXT}`,
        tags: TAGS,
        params,
        querystring: pathQuery,
        response: { 201: answer("The stored photo", photoSchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { uploads, uploadPlaces } = app.services;
      try {
        const upload = await openUpload(app.services, request.caller, request.params.id);
        const path = uploadKey(request.query.path);
        const { body, ...options } = await pictureBody(
          request.raw,
          request.headers["content-length"],
          // A batch that was submitted in the meantime owns the photos.
          async () => await openUpload(app.services, request.caller, request.params.id),
        );
        if (!(await uploads.countFile(upload, options.sizeBytes))) {
          body.destroy();
          throw new DarkroomError("conflict", `${LIMIT_TEXT} Begin another one.`);
        }
        await uploadPlaces.store(upload).put(path, body, options);
        return await reply.code(201).send({ path, sizeBytes: options.sizeBytes });
      } finally {
        drainUpload(request);
      }
    },
  );
}

/**
 * Returns an upload whose photos may change.
 *
 * @throws DarkroomError `not_found`, or `conflict` if a batch reads the photos
 */
async function openUpload({ uploads, ledger }: Services, caller: Caller, id: string): Promise<Upload> {
  const upload = { tenant: makersTenant(caller), id };
  if ((await uploads.expiresAt(upload)) === undefined) throw noSuchUpload();
  const batchId = await uploads.batchOf(upload);
  if (batchId === undefined || (await ledger.read(batchId)) === undefined) return upload;
  throw new DarkroomError("conflict", `These photos belong to the batch ${batchId}.`);
}

/** @throws DarkroomError `forbidden` if the caller's key could not submit the photos */
function checkPlaces(places: Services["uploadPlaces"], upload: Upload, { limits }: Caller): void {
  const { sources, destinations } = boundsOf(limits);
  const asked = [
    ["sources", places.photos(upload), sources],
    ["destinations", places.results(upload), destinations],
  ] as const;
  for (const [limit, url, prefixes] of asked) {
    if (isCoveredStore(url, prefixes)) continue;
    const folder = url.slice(0, url.indexOf(`${upload.id}/`));
    const message = `The ${limit} of this key do not include ${folder}, where uploaded photos and their results go. Ask its issuer to add it.`;
    throw new DarkroomError("forbidden", message, { field: limit });
  }
}

async function viewUpload({ uploads, uploadPlaces }: Services, upload: Upload): Promise<z.infer<typeof uploadSchema>> {
  const expiresAt = await uploads.expiresAt(upload);
  if (expiresAt === undefined) throw noSuchUpload();
  const photos: z.infer<typeof photoSchema>[] = [];
  const store = uploadPlaces.store(upload);
  if (store.isThere === undefined || (await store.isThere())) {
    for await (const { key, sizeBytes } of store.list()) photos.push({ path: key, sizeBytes });
  }
  return {
    id: upload.id,
    source: uploadPlaces.photos(upload),
    destination: uploadPlaces.results(upload),
    expiresAt: new Date(expiresAt).toISOString(),
    maxPhotoBytes: MAX_PHOTO_BYTES,
    photos,
  };
}
