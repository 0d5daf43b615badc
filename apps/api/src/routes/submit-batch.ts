import { z } from "zod";
import { canonicalJson, type Submission } from "@darkroom/core";
import { acceptBatch, type UploadedManifest } from "@darkroom/intake";
import type { BatchRecord } from "@darkroom/ledger";
import { makersTenant, type Caller } from "../access/caller.ts";
import { reserveFor, servicesFor } from "../access/submitter.ts";
import { answer } from "../http/answer.ts";
import { batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { digestedManifest, digestOfManifest } from "../manifests/digested-manifest.ts";
import { idempotencyKey } from "../http/idempotency/idempotency-key.ts";
import { keyReused } from "../http/idempotency/idempotency-keys.ts";
import { drainUpload, readSubmission } from "../manifests/manifest-upload.ts";
import { named } from "../http/schema-names.ts";
import { sharesDestination } from "../batches/shares-destination.ts";
import { problems } from "../http/problem.ts";
import { claimUpload } from "../uploads/submitted-upload.ts";
import type { ApiServer, Services } from "../services.ts";

const DESCRIPTION = `A submission as JSON (a \`source\`, or up to 1,000 \`rows\`), or a form with a file \`manifest\` of any size.

A form has either the field \`submission\` (JSON) or plain fields: \`destination\`, \`preset\` or \`prompt\`, \`mode\`, \`intensity\`,
\`useCase\`, \`provider\`, \`faces\`, \`baseUrl\`, \`template\`, \`name\`, \`lane\`, \`confirm\`, \`pilot\`, \`maxCostUsd\`, \`breaker\`, \`between\`,
\`timeZone\`, \`deadline\`, \`fallback\`, \`manifestSources\`, \`carry\`, \`skipBadRows\`, \`overwrite\`.
Fields come before the file.

With an \`Idempotency-Key\`, a repeated request within 24 hours gets status 200 and the batch of the first one.`;

const submittedSchema = named(
  "SubmittedBatch",
  batchStatusSchema.extend({
    sharesDestination: z
      .array(z.string())
      .readonly()
      .describe("Active batches with the same destination and recipe. Results that they share are paid once."),
  }),
);

/** The route for submissions. */
export async function submitBatchRoute(app: ApiServer): Promise<void> {
  app.post(
    "/batches",
    {
      config: { scope: "submit", repeats: "own" },
      schema: {
        operationId: "submitBatch",
        summary: "Submit a batch",
        description: DESCRIPTION,
        tags: ["batches"],
        response: {
          200: answer("The batch of this Idempotency-Key", submittedSchema),
          201: answer("The accepted batch; `Location` has its URL", submittedSchema),
          ...problems(400, 401, 403, 404, 409, 413, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { services } = app;
      try {
        const { submission, upload } = await readSubmission(request);
        const { batchId, isNew } = await accept(services, submission, upload, {
          key: idempotencyKey(request),
          caller: request.caller,
        });
        void reply.code(isNew ? 201 : 200).header("location", `/v1/batches/${batchId}`);
        const record = await readBatch(services, batchId);
        request.log.info(acceptedFields(record), isNew ? "batch accepted" : "batch known by its Idempotency-Key");
        const [status, shares] = await Promise.all([viewBatch(services, record), sharesDestination(services, record)]);
        return { ...status, sharesDestination: shares };
      } finally {
        drainUpload(request);
      }
    },
  );
}

/** Returns the log fields of a submission: its source, its destination and its lane. */
function acceptedFields({ spec, lane }: BatchRecord): object {
  const { id, name, source, destination, recipe } = spec;
  const from = source.kind === "prefix" ? source.url : source.kind;
  const order = { provider: recipe.provider, mode: recipe.mode };
  return {
    batch: id,
    ...(name === undefined ? {} : { name }),
    source: from,
    destination: destination.url,
    lane,
    ...order,
  };
}

async function accept(
  all: Services,
  submission: Submission,
  upload: UploadedManifest | undefined,
  { key, caller }: { readonly key: string | undefined; readonly caller: Caller },
): Promise<{ readonly batchId: string; readonly isNew: boolean }> {
  const services = servicesFor(all, caller);
  const tenant = makersTenant(caller);
  const options = {
    looksFirst: true,
    tenant,
    reserve: reserveFor(all, caller),
    ...(upload === undefined ? {} : { upload }),
  };
  if (key === undefined) {
    const claim = await claimUpload(all, caller, submission);
    const beforeCreate = async (batchId: string) => await claim?.note(batchId);
    return { batchId: (await acceptBatch(submission, services, { ...options, beforeCreate })).id, isNew: true };
  }
  const taken = await services.idempotency.take(key, canonicalJson(submission), services.ledger, tenant);
  if (taken.kind === "known") {
    const { batchId, manifest } = taken;
    const isOther = manifest !== undefined && upload !== undefined && (await digestOfManifest(upload)) !== manifest;
    if (isOther) throw keyReused();
    return { batchId, isNew: false };
  }
  const { held } = taken;
  try {
    const claim = await claimUpload(all, caller, submission);
    const sent = upload === undefined ? undefined : digestedManifest(upload);
    // At this point the manifest is in the store, so all of it was read.
    const beforeCreate = async (batchId: string) => {
      await claim?.note(batchId);
      await held.note(batchId, sent?.digest());
    };
    const spec = await acceptBatch(submission, services, {
      ...options,
      ...(sent === undefined ? {} : { upload: sent.upload }),
      beforeCreate,
    });
    return { batchId: spec.id, isNew: true };
  } catch (error) {
    // An error after the batch was created (while publishing it) does not undo the creation.
    if (held.batchId !== undefined && (await services.ledger.read(held.batchId)) !== undefined) {
      return { batchId: held.batchId, isNew: true };
    }
    await held.free();
    throw error;
  }
}
