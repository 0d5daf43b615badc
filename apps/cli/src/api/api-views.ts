import type * as api from "@darkroom/client";
import type { Answer, Frozen, PortraitFilter, Sent } from "@darkroom/client";
import type { Submission } from "@darkroom/core";

// The API's requests and responses, as in its OpenAPI document, under the names that the commands use.

export type SubmittedBatch = Frozen<api.SubmittedBatch>;
/** An active batch that writes to the same keys as a submission. */
export type OverlappingBatch = Frozen<api.OverlappingBatch>;
export type PortraitView = Frozen<api.Portrait>;
/** Selects portraits. All given conditions must match. */
export type GivenFilter = { readonly [Name in keyof PortraitFilter]: PortraitFilter[Name] | undefined };
export type QuestionsView = Frozen<api.Questions>;
export type LaneView = Frozen<api.Lane>;
export type RecoveredBatch = Frozen<api.RecoveredBatch>;
export type DifferenceView = Frozen<api.Difference>;
/** The files that a cleanup deleted. */
export type CleanedBatch = Answer<"cleanBatch">;

/** An API key, without its secret. */
export type KeyView = Frozen<api.Key>;
/** A new key, or a key with a new secret. Only this answer contains the secret. */
export type IssuedKey = Frozen<api.IssuedKey>;
export type NewLink = Frozen<api.NewLinkInput>;
export type LinkView = Frozen<api.Link>;
export type IssuedLink = Frozen<api.IssuedLink>;
export type NewKey = Frozen<api.NewKeyInput>;
/** The limits of a key; absent for no limit. */
export type KeyLimits = NonNullable<NewKey["limits"]>;

/** The API checks the submission, whose type is core's. */
export type NewSchedule = Omit<Frozen<api.NewScheduleInput>, "submission"> & { readonly submission: Submission };
export type ScheduleView = Frozen<api.Schedule>;
export type CreatedScheduleView = Frozen<api.CreatedSchedule>;
export type ScheduleRunView = Frozen<api.ScheduleRun>;
export type ScheduleWithRuns = Frozen<api.ScheduleWithRuns>;
/** The answer to a requested run. */
export type OrderedRun = Frozen<api.OrderedRun>;

/** An order about results, with exactly one of `indexes`, `ids` and `where`. */
export type ReviewRequest = Sent<"reviewPortraits">;
export type ReviewedView = Answer<"reviewPortraits">;
/** An order to deliver the approved results. */
export type DeliverRequest = Sent<"deliverApproved">;
export type DeliveredView = Answer<"deliverApproved">;
/** An order for other results. */
export type RedoRequest = Sent<"redoPortraits">;
export type RedoneView = Answer<"redoPortraits">;
/** An action by query. */
export type ActionRequest = Sent<"startAction">;
export type ActionWhere = NonNullable<ActionRequest["where"]>;
export type DryRunView = Answer<"startAction">;
export type OperationView = Frozen<api.Operation>;
/** A line of the review log. */
export type ReviewLineView = Frozen<api.ReviewLine>;

export type ReportFile = "report.csv" | "report.jsonl" | "failures.csv";
export type Move = "pause" | "resume" | "cancel" | "confirm" | "approve";
/** Optional fields of a decision. */
export type MoveWords = Sent<"pauseBatch"> & Sent<"resumeBatch">;
