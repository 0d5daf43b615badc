import { z } from "zod";
import { DarkroomError, newBatchId, tenantField, tenantOf } from "@darkroom/core";
import { checkTimer, currentRun, describeCurrentRun, type RunClaim, type Schedule } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import { makersTenant, ownTenant, type Caller } from "../access/caller.ts";
import { checkSchedules, servicesFor } from "../access/submitter.ts";
import { answer } from "../http/answer.ts";
import { awaitOccurrence } from "../schedules/await-occurrence.ts";
import { checkScheduledSubmission } from "../schedules/check-schedule.ts";
import { missingSourceWarnings } from "../schedules/missing-source.ts";
import { problems } from "../http/problem.ts";
import {
  createdScheduleSchema,
  newScheduleSchema,
  orderedRunSchema,
  pauseScheduleBody,
  scheduleParams,
  scheduleSchema,
  scheduleWithRunsSchema,
} from "../schedules/schedule-schemas.ts";
import { ownScheduleId } from "../schedules/own-schedule-id.ts";
import { viewRuns, viewSchedule } from "../schedules/schedule-view.ts";
import { checkNoUpload } from "../uploads/submitted-upload.ts";
import type { ApiServer, Services } from "../services.ts";

const TAGS = ["schedules"];

/** Routes for schedules, which submit batches at set times. */
export async function scheduleRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/schedules",
    {
      config: { scope: "manage" },
      schema: {
        operationId: "createSchedule",
        summary: "Create a schedule that submits batches",
        tags: TAGS,
        body: newScheduleSchema,
        response: { 201: answer("The schedule", createdScheduleSchema), ...problems(400, 401, 403, 409, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { cron, timeZone, overlap, missed, submission } = request.body;
      const tenant = makersTenant(request.caller);
      const id = ownScheduleId(request.body.id ?? `schedule-${newBatchId()}`, tenant);
      checkSchedules(request.caller);
      const rules = servicesFor(services, request.caller);
      await services.followClock();
      const nowMs = serverNow();
      checkTimer({ cron, timeZone }, nowMs);
      checkScheduledSubmission(rules, submission);
      checkNoUpload(services, submission);
      const { sources } = rules.bounds;
      if ((await services.schedules.read(id)) !== undefined) throw takenId(id);
      const schedule: Schedule = {
        id,
        ...tenantField(tenant),
        ...(sources === "any" ? {} : { within: sources }),
        cron,
        timeZone,
        overlap,
        missed,
        submission,
        createdAt: new Date(nowMs).toISOString(),
      };
      if (!(await services.schedules.create(schedule))) throw takenId(id);
      await tellProducers(services, id);
      void reply.code(201).header("location", `/v1/schedules/${id}`);
      const [view, warnings] = await Promise.all([
        viewSchedule(services, schedule),
        missingSourceWarnings(services.openStore, submission.source),
      ]);
      return { ...view, warnings };
    },
  );

  app.get(
    "/schedules",
    {
      config: { scope: "read" },
      schema: {
        operationId: "listSchedules",
        summary: "List schedules with their next and last runs, and what stops them",
        tags: TAGS,
        response: {
          200: answer("All schedules", z.object({ schedules: z.array(scheduleSchema) })),
          ...problems(401, 503),
        },
      },
    },
    async (request) => {
      const { services } = app;
      const all = await services.schedules.list(ownTenant(request.caller));
      return { schedules: await Promise.all(all.map((schedule) => viewSchedule(services, schedule))) };
    },
  );

  app.get(
    "/schedules/:id",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getSchedule",
        summary: "Get a schedule with its last runs",
        tags: TAGS,
        params: scheduleParams,
        response: { 200: answer("The schedule", scheduleWithRunsSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const schedule = await readSchedule(services, request);
      return { ...(await viewSchedule(services, schedule)), runs: await viewRuns(services, schedule) };
    },
  );

  app.delete(
    "/schedules/:id",
    {
      config: { scope: "manage", repeats: "safely" },
      schema: {
        operationId: "deleteSchedule",
        summary: "Delete a schedule; its batches continue",
        tags: TAGS,
        params: scheduleParams,
        response: { 204: z.undefined().describe("The schedule was deleted."), ...problems(400, 401, 404, 503) },
      },
    },
    async (request, reply) => {
      const { schedules, ledger } = app.services;
      const { id, claim } = await readSchedule(app.services, request);
      await schedules.remove(id);
      // A producer may be about to create this batch.
      if (claim !== undefined && claim.isStarted !== true) await ledger.forbid(claim.batchId);
      await reply.code(204).send();
    },
  );

  app.post(
    "/schedules/:id/pause",
    {
      config: { scope: "manage", repeats: "safely" },
      schema: {
        operationId: "pauseSchedule",
        summary: "Pause a schedule: no run starts until it is resumed; its batch continues",
        tags: TAGS,
        params: scheduleParams,
        body: pauseScheduleBody,
        response: { 200: answer("The schedule as it is now", scheduleSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { id } = await readSchedule(services, request);
      await services.followClock();
      const paused = await services.schedules.pause(id, serverNow(), request.body?.reason);
      return await viewChanged(services, paused, request);
    },
  );

  app.post(
    "/schedules/:id/resume",
    {
      config: { scope: "manage", repeats: "safely" },
      schema: {
        operationId: "resumeSchedule",
        summary: "Resume a paused schedule; runs that were due meanwhile do not start",
        tags: TAGS,
        params: scheduleParams,
        response: { 200: answer("The schedule as it is now", scheduleSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { id } = await readSchedule(services, request);
      await services.followClock();
      return await viewChanged(services, await services.schedules.resume(id, serverNow()), request);
    },
  );

  app.post(
    "/schedules/:id/run",
    {
      config: { scope: "manage" },
      schema: {
        operationId: "runSchedule",
        summary: "Run a schedule now, in addition to its timer",
        tags: TAGS,
        params: scheduleParams,
        response: {
          202: answer("The run was requested", orderedRunSchema),
          ...problems(400, 401, 403, 404, 409, 503, 507),
        },
      },
    },
    async (request, reply) => {
      const { services } = app;
      checkSchedules(request.caller);
      const { schedule, batchId } = await claimOrderedRun(services, request);
      await tellProducers(services, schedule.id);
      await awaitOccurrence(services, schedule.id, batchId);
      void reply.code(202);
      return { ...(await viewSchedule(services, schedule)), batchId };
    },
  );
}

function takenId(id: string): DarkroomError {
  const message = `There is already a schedule "${id}". Delete it first, or choose another id.`;
  return new DarkroomError("conflict", message, { field: "id" });
}

/** Makes producers check a schedule at once. Without this message, they do so within seconds. */
async function tellProducers({ bus }: Services, schedule: string): Promise<void> {
  await bus.tell({ type: "schedule-changed", schedule });
}

/** @param changed undefined if the schedule is gone */
async function viewChanged(services: Services, changed: Schedule | undefined, { params }: Asked) {
  if (changed === undefined) throw noSuchSchedule(params.id);
  await tellProducers(services, changed.id);
  return await viewSchedule(services, changed);
}

/**
 * Claims an occurrence of a schedule now, so that only one of several simultaneous requests is accepted. A producer
 * creates the batch.
 */
async function claimOrderedRun(services: Services, request: Asked) {
  await services.followClock();
  for (;;) {
    const schedule = await readSchedule(services, request);
    const running = await currentRun(services.ledger, schedule);
    if (running !== undefined) {
      throw new DarkroomError(
        "conflict",
        `A run now would start nothing: ${describeCurrentRun(running)}. Wait until it ends, or cancel it.`,
      );
    }
    const [batchId, nowMs] = [newBatchId(), serverNow()];
    const claim: RunClaim = { batchId, at: nowMs, dueMs: nowMs, covers: 1 };
    if (await services.schedules.claimRun(schedule, claim)) return { schedule, batchId };
  }
}

/** A request about one schedule. */
interface Asked {
  readonly params: { readonly id: string };
  readonly caller: Pick<Caller, "tenant">;
}

async function readSchedule({ schedules }: Services, { params, caller }: Asked): Promise<Schedule> {
  const tenant = ownTenant(caller);
  const schedule = await schedules.read(tenant === undefined ? params.id : ownScheduleId(params.id, tenant));
  if (schedule !== undefined && (tenant === undefined || tenantOf(schedule) === tenant)) return schedule;
  throw noSuchSchedule(params.id);
}

function noSuchSchedule(id: string): DarkroomError {
  return new DarkroomError("not_found", `There is no schedule "${id}".`);
}
