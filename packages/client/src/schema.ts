// Generated from docs/openapi.json by `npm run openapi`.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Liveness: the process is running */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Readiness: Redis answers */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/errors/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Explain an error code, for people */
        get: operations["getErrorPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{token}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a file of a local folder, by a link that expires */
        get: operations["getFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the rights of the key or sign-in */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign in to the web page with an API key
         * @description Sets a cookie that no script can read. It lasts 12 hours, and no longer than the key.
         */
        post: operations["signIn"];
        /** Sign out of the web page */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List batches, newest first */
        get: operations["listBatches"];
        put?: never;
        /**
         * Submit a batch
         * @description A submission as JSON (a `source`, or up to 1,000 `rows`), or a form with a file `manifest` of any size.
         *
         *     A form has either the field `submission` (JSON) or plain fields: `destination`, `preset` or `prompt`, `mode`, `intensity`,
         *     `useCase`, `provider`, `faces`, `baseUrl`, `template`, `name`, `lane`, `confirm`, `pilot`, `maxCostUsd`, `breaker`, `between`,
         *     `timeZone`, `deadline`, `fallback`, `manifestSources`, `carry`, `skipBadRows`, `overwrite`.
         *     Fields come before the file.
         *
         *     With an `Idempotency-Key`, a repeated request within 24 hours gets status 200 and the batch of the first one.
         */
        post: operations["submitBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Quote a submission
         * @description Accepts the same body as `POST /v1/batches`, reads all rows, and reports bad rows, duplicates, collisions,
         *     missing photos, cost and time. Pays for nothing and writes nothing; an uploaded manifest is not stored.
         *
         *     The answer is sent when the source has been read to its end. Closing the connection stops the reading.
         */
        post: operations["quoteBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Quote an accepted batch
         * @description The same for a batch whose source was read, for the user who confirms it.
         */
        get: operations["quoteAcceptedBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/report.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A line for each portrait, once the batch has ended */
        get: operations["getReportCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/report.jsonl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as JSON lines, once the batch has ended */
        get: operations["getReportJsonl"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/failures.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A line for each failed portrait, once the batch has ended */
        get: operations["getFailuresCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/results.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the results of a batch as a ZIP
         * @description The results that are there now, with their crops, named as at the destination. The ZIP is streamed, so a fault in the middle ends the response early.
         */
        get: operations["getResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the review log of a batch */
        get: operations["listReviews"];
        put?: never;
        /**
         * Approve or reject results, or withdraw such decisions
         * @description `approve` and `reject` decide about results; `undo` withdraws the latest decision on each portrait and restores
         *     the one before. Every request adds lines to the batch's review log. A decision is about one result: a portrait that gets another
         *     result is undecided. A decision that already stands changes nothing.
         *
         *     Send the `revision` that the person saw. If another person has decided since, the response is `409` (`stale`) with that
         *     decision, and nothing is changed. When the response arrives, the decision is in the object store.
         */
        post: operations["reviewPortraits"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Copy what is approved to a final place
         * @description Copies the approved results, with their crops, to a final place, and removes copies from there whose results are no
         *     longer approved. Each request handles up to 50 portraits; repeat it with `cursor` until `nextCursor` is null. The whole can be
         *     repeated at any time and ends the same: a copy is known by its content. Files of others are never replaced or removed.
         */
        post: operations["deliverApproved"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/redo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Order other results, with a note
         * @description Orders other results, with a note for the provider: a new round of the batch reopens these portraits. Each is paid once
         *     more. With `dryRun`, the response only names the price. An order that would exceed the batch's budget is refused before anything
         *     is paid. The present results stay in place until the new ones replace them, and the decisions about them end.
         */
        post: operations["redoPortraits"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry, review, redo, hand over or answer for all portraits that match a query
         * @description Does one thing to all portraits that match `where`: `retry` and `deliver` need the scope `manage`, the others
         *     `review`. The same rules apply as on the routes that do it without a query.
         *
         *     Send `dryRun` first: it counts the portraits and names the most that it may cost. Then send that number as `expect`: if another
         *     number matches by then, the response is `409` (`stale`) and nothing is changed. The response is an operation;
         *     `GET /v1/operations/{id}` shows its progress and end.
         */
        post: operations["startAction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recoveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rebuild lost batches from their destination
         * @description Ended portraits are read from the report parts; the rest continues. Delivered portraits are not paid for again. A batch without any read rows waits for confirmation. A batch that Redis knows, or that another Redis seems to run, is left unchanged.
         */
        post: operations["recoverBatches"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare ledger, lane and object store, and list the differences */
        post: operations["reconcileBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a batch's status */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        /**
         * Delete the working files of a batch that has ended, and forget the batch
         * @description Photos that were uploaded for the batch are deleted. Results stay, and so does the report unless `report=delete`. `batch.json` and a list of the results' names always stay, so that Darkroom never takes a result for a photo. The batch cannot be retried afterwards. A batch that has not ended is refused.
         */
        delete: operations["cleanBatch"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/portraits/{index}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a small JPEG of a portrait's photo or result
         * @description Workers make it when they store the result. `404` before that, if another batch has replaced the result, and for a photo of an unknown format.
         */
        get: operations["getThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/portraits/{index}/picture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a portrait's photo or result as it is in the store
         * @description A HEIC photo is shown as a JPEG of at most 1,024 px a side, which the worker makes with the result. `404` also for a photo on the web, for another format that browsers do not show, and if another photo or result has taken its place.
         */
        get: operations["getPicture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/portraits/{index}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what happened to a portrait, with links to its pictures
         * @description Reads every report part of the batch. The links expire after 15 minutes.
         */
        get: operations["getPortraitHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/questions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the provider's questions about the portraits of a batch */
        get: operations["listQuestions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a question for all portraits that have it
         * @description Reopens every portrait that ended with `question` (or with any question, if omitted) in a new round of the same
         *     batch. Its recipe gets the answer, which is sent when the agent asks. If retries had changed the recipe of some portraits, each
         *     recipe gets its own round. A batch that the failure breaker paused because of its questions resumes. Each reopened portrait is
         *     paid once it makes a picture.
         *
         *     With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["answerBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin an upload of photos
         * @description Needs `DARKROOM_UPLOADS`. The key's limits of sources and destinations apply.
         */
        post: operations["createUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the photos of an upload */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        /** Delete the photos of an upload that has no batch */
        delete: operations["deleteUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send a photo
         * @description The body is the file, at most 100 MiB, with `Content-Length`. A photo of the same path is replaced. An upload takes at most 20000 files and 200 GiB, counting replaced ones.
         */
        put: operations["putPhoto"];
        post?: never;
        /** Delete a photo of an upload that has no batch */
        delete: operations["deletePhoto"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit sample batches to the simulator
         * @description Batches of the example team in several states: finished, with a failure, a pilot, waiting for confirmation and for hours. Only where the simulator is the only provider.
         */
        post: operations["createSamples"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a batch: start no more portraits; running ones are finished
         * @description With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["pauseBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a paused batch
         * @description With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["resumeBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a batch: waiting portraits never start, running ones are ended or finished
         * @description With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["cancelBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm a batch that waits for confirmation
         * @description With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["confirmBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a batch's pilot and continue with the rest
         * @description With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["approveBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry failed portraits
         * @description Reopens failed or cancelled portraits in the same batch: all that may succeed now, or those with one of `codes`.
         *     `recipe` changes their recipe. Portraits with their own prompt, preset or mode keep it, as do portraits that are not
         *     reopened. One report has the latest outcome of each portrait. A cancelled batch continues with the portraits that never
         *     started, with the changed recipe.
         *
         *     With the `revision` on which the decision was based, an order that would undo a newer one is refused (`stale`).
         */
        post: operations["retryBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream a batch's events
         * @description Server-sent events. First `batch` (a BatchStatus); then
         *
         *     - the events of the batch's feed, with an `id`: see `GET /v1/events`. `Last-Event-ID` or `?after=` continues after one of
         *       them; the ids of the two streams differ;
         *     - `batch` when the batch has changed, at most twice a second;
         *     - `portrait-start` `{index}`, `portrait-progress` `{index, message, percent?}`, `portrait-retry` `{index, message, delayMs}`,
         *       `portrait-end` `{index, outcome, message}`; slow readers miss some of these;
         *     - `batch-diverted` `{lane}` when its fallback takes over;
         *     - `lane-blocked` `{lane, reason, message}` and `lane-unblocked` `{lane}` when its provider account is blocked and unblocked;
         *     - `destination-blocked` `{destination, folder, reason, message}` and `destination-unblocked` `{destination, folder}` when its
         *       destination, or a folder of it, stops and resumes accepting results;
         *     - `batch-end` (a BatchStatus) when the batch has ended; the stream closes after it. With `ended=keep`, the stream
         *       stays open instead, for decisions about the results and for retries.
         */
        get: operations["watchBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the events of all batches
         * @description Server-sent events: what happens to all batches of the key's tenant, in order for each batch. The `event` is the type, the
         *     `data` a FeedEvent. A reader that sends its last `id` as `Last-Event-ID` (or `?after=`) gets every later event, once.
         *     If some of them are not kept any more, it first gets `feed.gap` `{reason, after, oldest}`: `trimmed` (it came too late) or
         *     `rewritten` (Redis has lost its last events; events may come again with the same `data.id`).
         */
        get: operations["watchEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/consistency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How consistent its portraits are and which stand out, once the batch has ended */
        get: operations["getConsistency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the progress and end of an action
         * @description Known for 7 days after its last change.
         */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/overlaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List batches that write where a submission would write
         * @description Accepts a submission with a `source`, and lists active batches that write to its destination, or to one around
         *     or under it, oldest first. A batch of this submission would wait for their portraits in flight. Pays for nothing and writes nothing.
         */
        post: operations["listOverlaps"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/portraits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the portraits of a batch
         * @description All filters that are given must match. `code`, `billed` and `round` read the batch's report parts at the first request, so its first pages may be empty.
         */
        get: operations["listPortraits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/portraits/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get one portrait of a batch */
        get: operations["getPortrait"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/states": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the states of all portraits of a batch, as a map of bits
         * @description 4 bits for each portrait in the order of their indexes, the even one in the high bits: 0 `pending`, 1 `queued`,
         *     2 `running`, 3 `retrying`, 4 `succeeded`, 5 `skipped`, 6 `failed`, 7 `cancelled`; 8 and 9 `succeeded`, 10 and 11
         *     `skipped`, the even one approved and the odd one rejected. Missing bytes at the end are 0. In a
         *     cancelled batch, a `pending` portrait will never start. Send the `ETag` as `If-None-Match` to get `304` while nothing has
         *     changed.
         */
        get: operations["getPortraitStates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/presets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the choices of a recipe */
        get: operations["listPresets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List API keys, newest first */
        get: operations["listKeys"];
        put?: never;
        /** Create an API key; it is shown once */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an API key's record */
        get: operations["getKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give an API key a new secret; the former one works for a while
         * @description Its id, scopes and limits stay. A rotation within the grace of another one ends the oldest secret.
         */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revoke an API key at once and for good */
        post: operations["revokeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the links to a batch */
        get: operations["listLinks"];
        put?: never;
        /** Create a link for a client; it is shown once */
        post: operations["createLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/links/{link}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revoke a link at once and for good */
        post: operations["revokeLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/gallery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what a client sees of a batch */
        get: operations["getGallery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List webhooks, newest first */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook; its secret is shown once
         * @description Events that happen from now on are sent to the URL, signed by the Standard Webhooks specification.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a webhook */
        get: operations["getWebhook"];
        put?: never;
        /**
         * Change, enable or disable a webhook
         * @description A webhook that is enabled again continues where it stopped, at once, unless `skipWaiting` drops what waits.
         */
        post: operations["changeWebhook"];
        /** Delete a webhook with everything that waits */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret; the former one signs too for a while
         * @description A rotation within the grace of another one ends the oldest secret.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a webhook's attempts, newest first
         * @description About 1,000 attempts of the last 30 days are kept.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries/{delivery}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send one event again, at once and with the same webhook-id */
        post: operations["resendWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send all events since a time again, in order and with the same webhook-ids
         * @description Everything that waits is sent too, in its place.
         */
        post: operations["resendWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message of type `webhook.test`
         * @description Its result is in the webhook's deliveries, under the returned `message`. It replaces a test that still waits.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lanes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the queues of the provider accounts */
        get: operations["listLanes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lanes/{name}/unblock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Unblock a blocked or held lane at once; if its account still refuses, it is blocked or held again */
        post: operations["unblockLane"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/costs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get costs by day, lane or batch
         * @description By the price table, on the days on which portraits ended. Days are kept for 400 days. A batch that has not ended counts with what it has spent so far.
         */
        get: operations["getCosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules with their next and last runs, and what stops them */
        get: operations["listSchedules"];
        put?: never;
        /** Create a schedule that submits batches */
        post: operations["createSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a schedule with its last runs */
        get: operations["getSchedule"];
        put?: never;
        post?: never;
        /** Delete a schedule; its batches continue */
        delete: operations["deleteSchedule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause a schedule: no run starts until it is resumed; its batch continues */
        post: operations["pauseSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a paused schedule; runs that were due meanwhile do not start */
        post: operations["resumeSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a schedule now, in addition to its timer */
        post: operations["runSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        KeyLimitsInput: {
            /** @description Prefixes of stores that it may read photos and manifests from, or `any`. */
            sources?: "any" | string[];
            /** @description Prefixes of stores that results may be written to, or `any`. */
            destinations?: "any" | string[];
            /** @description Lane names; `acme-*` matches every lane with this prefix. */
            lanes?: string[];
            /** @description Calls of the API a minute. */
            callsPerMinute?: number;
            /** @description Rows of submissions in a UTC day. */
            rowsPerDay?: number;
            /** @description Maximum cost of the batches of a UTC day, by their budgets. */
            usdPerDay?: number;
        };
        NewKeyInput: {
            /** @description The key's owner; shown in lists. */
            name: string;
            /** @description The key's permissions. `admin` includes every scope; every other scope includes `read`. */
            scopes: ("read" | "submit" | "review" | "manage" | "admin")[];
            /** @description Whose key it is: it sees only this tenant's batches, schedules, costs and keys. Defaults to the creator's tenant, or to `default`; `*` sees all. */
            tenant?: string | "*";
            /** @description Required for a key of a tenant that may submit: its `sources` and `destinations`. */
            limits?: components["schemas"]["KeyLimitsInput"];
            /**
             * Format: date-time
             * @description When the key expires. Defaults to never.
             */
            expiresAt?: string;
        };
        NewLinkInput: {
            /** @description The client's name; shown in lists. */
            name: string;
            /**
             * @description How long the link is valid.
             * @default 14
             */
            days?: number;
            /**
             * @description True if the client may approve and reject.
             * @default false
             */
            review?: boolean;
            /**
             * @description True if the client may save the results.
             * @default false
             */
            downloads?: boolean;
        };
        NewScheduleInput: {
            /** @description Generated if absent. */
            id?: string;
            /** @description Five or six fields: `0 2 * * *`; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
            cron: string;
            timeZone: string;
            /**
             * @description What a run does while the last batch has not ended: nothing; wait for its end, as one run for all that wait; or cancel it, and start when it has ended.
             * @default skip
             * @enum {string}
             */
            overlap?: "skip" | "queue" | "cancel-running";
            /**
             * @description What happens to runs that no producer could start within five minutes: nothing, or one run for all of them.
             * @default skip
             * @enum {string}
             */
            missed?: "skip" | "once";
            submission: {
                name?: string;
                source: string;
                baseUrl?: string;
                /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                manifestSources?: "any" | string[];
                /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                carry?: string[];
                /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                skipBadRows?: boolean;
                include?: string[];
                exclude?: string[];
                /** @description `{date}` becomes the day of the run, in the schedule's time zone. */
                destination: string;
                template?: string;
                /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                overwrite?: boolean | "other-recipe";
                recipe: {
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    /** @enum {string} */
                    preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    prompt?: string;
                    steps?: ({
                        /** @enum {string} */
                        preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    } | {
                        prompt: string;
                    })[];
                    /** @enum {string} */
                    mode?: "max" | "eco";
                    /** @enum {string} */
                    intensity?: "subtle" | "moderate" | "dramatic";
                    /** @enum {string} */
                    useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                    preserve?: string[];
                    outcome?: string;
                    clarificationAnswer?: string;
                    output?: {
                        /** @enum {string} */
                        format?: "source" | "jpeg" | "png" | "webp" | "jpg";
                        variations?: number;
                        leastShare?: number;
                        deliveries?: {
                            /** @enum {string} */
                            name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                            /** @enum {string} */
                            format?: "jpeg" | "png" | "webp" | "jpg";
                            template?: string;
                        }[];
                    };
                    retry?: {
                        attempts?: number;
                        backoffBaseMs?: number;
                        backoffCapMs?: number;
                    };
                    /** @enum {string} */
                    faces?: "refuse" | "warn" | "off";
                    /** @enum {string} */
                    likeness?: "review" | "strict" | "off";
                };
                lane?: string;
                /** @description Start no portrait before the batch is confirmed. */
                confirm?: boolean;
                /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                pilot?: number;
                /** @description Maximum cost of the batch in USD, including work in flight. */
                maxCostUsd?: number;
                /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                breaker?: {
                    minimum?: number;
                    failurePercent?: number;
                } | boolean;
                /** @description Start portraits only within these hours; requires timeZone. */
                between?: string;
                /** @description IANA name of the time zone of `between`. */
                timeZone?: string;
                /**
                 * Format: date-time
                 * @description Start no portrait after this time; ISO 8601 with an offset.
                 */
                deadline?: string;
                /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                fallback?: {
                    lane?: string;
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    afterMinutes: number;
                };
            };
        };
        NewWebhookInput: {
            /** @description An `https://` URL in a public network. */
            url: string;
            /** @description Shown in lists. */
            description?: string;
            /** @description Types of the events to send. Defaults to all except `portrait.failed`. */
            events?: ("batch.accepted" | "batch.source_read" | "batch.awaiting_confirmation" | "batch.confirmed" | "batch.started" | "batch.awaiting_approval" | "batch.approved" | "batch.paused" | "batch.resumed" | "batch.budget_changed" | "batch.blocked" | "batch.unblocked" | "batch.unattended" | "batch.attended" | "batch.failed_over" | "batch.round_opened" | "batch.stopped" | "batch.finishing" | "batch.completed" | "batch.cancelled" | "batch.failed" | "batch.recovered" | "batch.reviewed" | "portrait.failed" | "schedule.missed" | "schedule.paused" | "schedule.resumed" | "schedule.stuck" | "schedule.unstuck" | "webhook.disabled")[];
            /** @description Tenant whose events are sent. Defaults to the creator's tenant, or to `default`; `*` for all tenants. */
            tenant?: string | "*";
        };
        PortraitReview: {
            /** @enum {string} */
            state: "undecided" | "approved" | "rejected";
            /** @description Number of the log line that last changed it; 0 if there is none. */
            line: number;
            /** @description Id of the key that made the decision; null without a decision. */
            by: string | null;
            at: string | null;
            note: string | null;
        };
        FieldError: {
            /** @description The problem. */
            detail: string;
            /** @description JSON Pointer to the value in the body, as in RFC 9457: `#/recipe/mode`. A form's field is at `#/mode`. */
            pointer?: string;
            /** @description The parameter's name, if it is not in the body. */
            parameter?: string;
            /**
             * @description The location of the parameter.
             * @enum {string}
             */
            in?: "path" | "query" | "header";
            /** @description Line of the manifest, from 1. */
            line?: number;
            /** @description Column of the manifest. */
            column?: string;
        };
        Problem: {
            /** @description `/errors/` and the code: a page of this server that explains it. */
            type: string;
            /** @description Equal for every problem with this code. */
            title: string;
            status: number;
            /** @description The problem in this case, and how to fix it. */
            detail: string;
            /** @enum {string} */
            code: "invalid_settings" | "invalid_input" | "not_found" | "conflict" | "stale" | "idempotency_key_reused" | "unauthorized" | "forbidden" | "limit_reached" | "storage_not_found" | "storage_denied" | "storage_refused" | "storage_unavailable" | "storage_full" | "storage_invalid" | "overloaded" | "redis_unsuitable" | "redis_unavailable" | "link_expired" | "address_not_allowed" | "remote_refused" | "remote_unavailable" | "tool_missing" | "internal";
            /** @description The invalid field, with dots: `recipe.mode`. */
            field?: string;
            /** @description All errors in the request, at most 100. */
            errors?: components["schemas"]["FieldError"][];
            /** @description The first 100 portraits about which another user has decided since, with that decision. */
            conflicts?: {
                index: number;
                review: components["schemas"]["PortraitReview"];
            }[];
            /** @description For a repeated request whose response contained a secret: the id of the created resource. */
            id?: string;
        };
        LeftOutPart: {
            /** @enum {string} */
            kind: "unreadable_folder" | "raw" | "unsupported_picture" | "no_extension" | "video" | "linked_folder" | "results" | "filtered" | "sidecar" | "other" | "system";
            /** @description An unopened folder counts once. */
            count: number;
            /** @description The first names, at most 10; a folder's name ends with a slash. */
            readonly examples: string[];
        };
        Blocked: {
            /** @enum {string} */
            reason: "auth" | "balance" | "outage";
            /** Format: date-time */
            since: string;
            message: string;
        };
        Waiting: {
            /** @enum {string} */
            reason: "turn" | "provider_retry" | "provider_busy" | "rate_limit" | "lane_blocked" | "recall" | "result" | "storage" | "destination_blocked" | "claim_held" | "memory" | "handed_back" | "other_lane" | "other_batch" | "failover" | "deaths" | "internal" | "cost_count" | "stopping" | "window" | "unstored_results" | "budget" | "paused" | "confirmation" | "approval" | "reopening" | "unattended" | "unmet_needs" | "source" | "snapshot" | "report";
            /** @description Number of waiting portraits; 0 if only the batch itself waits. */
            count: number;
            /** @description When the first of them is tried again, by Redis' clock; null if an event ends the wait. */
            nextLookAt: string | null;
            /** @description The event that ends the wait. */
            endsWhen: string;
            /** @description The latest error message, if something failed. */
            message: string | null;
        };
        BlockedBatch: {
            /**
             * @description True if its provider account is blocked, or its destination accepts no results.
             * @enum {string}
             */
            what: "lane" | "destination";
            /** @enum {string} */
            reason: "auth" | "balance" | "outage" | "denied" | "full" | "missing" | "unavailable" | "unusable";
            /** Format: date-time */
            since: string;
            /** @description The provider's or the store's own message. */
            message: string;
            /**
             * Format: date-time
             * @description Time of the next probe. The batch continues once a probe succeeds.
             */
            nextLookAt: string;
        };
        TimeLeft: {
            low: number;
            likely: number;
            high: number;
        };
        Review: {
            /** @description Number of the latest line of the review log; 0 if there is none. */
            revision: number;
            /** @description Results without a decision. */
            undecided: number;
            approved: number;
            rejected: number;
        };
        BatchStatus: {
            id: string;
            name: string | null;
            /** @description Id of the schedule that started it. */
            schedule: string | null;
            /** @enum {string} */
            state: "ingesting" | "awaiting_confirmation" | "running" | "awaiting_approval" | "paused" | "finishing" | "completed" | "completed_with_failures" | "cancelled" | "failed";
            /** @description True from a user's cancellation until the batch has ended. */
            cancelling: boolean;
            /** @description Incremented by every decision about the whole batch; an order may name it. */
            revision: number;
            /** @description The provider account that it was submitted to. */
            lane: string;
            /** @description Store URL of its source prefix or manifest. */
            source: string;
            /** @description The pictures ordered for each portrait. */
            recipe: {
                /** @enum {string} */
                provider: "each-sense" | "phota";
                /** @description Null if the provider has no modes. */
                mode: ("max" | "eco") | null;
                /** @description The preset of each step, or the beginning of its prompt. */
                readonly steps: string[];
            };
            /** @description Store URL of the destination. */
            destination: string;
            /** Format: date-time */
            createdAt: string;
            endedAt: string | null;
            /** @description False while the source is still being read, so that `counts.total` may grow. */
            ingested: boolean;
            /** @description The states add up to `total` at every moment. */
            counts: {
                total: number;
                pending: number;
                queued: number;
                running: number;
                retrying: number;
                succeeded: number;
                skipped: number;
                failed: number;
                cancelled: number;
            };
            /** @description Number of portraits per outcome code, for failures and cancellations. */
            failures: {
                [key: string]: number;
            };
            /** @description By the price table: paid for delivered portraits and for results that wait to be stored. */
            costUsd: number;
            /** @description Part of the cost that is paid but not stored yet, including portraits in flight. */
            unstored: {
                portraits: number;
                usd: number;
            };
            /** @description Certainly paid, with nothing delivered. */
            lostUsd: number;
            /** @description Upper bound for calls that may or may not have been paid. */
            maybeUsd: number;
            /** @description Estimated cost if every remaining portrait is paid once; null if a price is missing. */
            estimatedCostUsd: number | null;
            /** @description Highest price of one more portrait with the latest recipe, each step paid once; null if a price is missing. */
            portraitUsd: number | null;
            /** @description Its budget. */
            maxCostUsd: number | null;
            /** @description Portraits that may or may not have been paid for. */
            maybeBilled: number;
            /** @description Portraits that end per second; null while the batch is paused, waits or has no process. */
            ratePerSecond: number | null;
            /** @description A range from the observed rate; null until enough portraits have ended for an estimate. */
            secondsLeft: components["schemas"]["TimeLeft"] | null;
            /** @description Why it currently starts no portraits. It continues without a user's action. */
            blocked: components["schemas"]["BlockedBatch"] | null;
            /** @description Set while the batch should be running but no process can work on it, or none meets its needs. */
            unattended: {
                readonly missing: ("worker" | "producer")[];
                /** @description What the batch needs and none of the running processes has: an account's key, a store, a newer version. */
                readonly lacks: string[];
                /** @description When the last missing process was seen; null if none ever was. */
                since: string | null;
                message: string;
            } | null;
            /** @description Wait reasons of its portraits and of the batch itself; empty if nothing waits. */
            readonly waiting: components["schemas"]["Waiting"][];
            /** @description The fallback for a blocked lane; null if none was ordered. */
            fallback: {
                lane: string;
                /** @description How long the batch's own lane must have been blocked. */
                afterMinutes: number;
                /** @description When the fallback took over; null while the batch uses its own lane. */
                since: string | null;
            } | null;
            /** @description The cause of the pause. */
            pausedBy: ("person" | "breaker" | "budget") | null;
            /** @description Portraits that are enhanced before a user approves the rest. */
            pilot: number | null;
            deadline: string | null;
            /** @description Rounds after the first, with the portraits that they reopened. */
            readonly rounds: {
                number: number;
                /** Format: date-time */
                at: string;
                readonly codes: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                opened: number;
            }[];
            /** @description The reason for a pause, cancellation or failure. */
            reason: string | null;
            /** @description URL of the report, once the batch has ended. */
            report: string | null;
            /** @description Files that a prefix's listing left out, by type; empty for a manifest. */
            readonly leftOut: components["schemas"]["LeftOutPart"][];
            /** @description How consistent its portraits are, once it has ended; null for fewer than three. */
            consistency: {
                /** @description 0 to 100; at 100, no two portraits of the team differ visibly. */
                score: number;
                /** @description Number of compared portraits. */
                measured: number;
                /** @description Number of portraits that stand out; see the report's column `review`. */
                review: number;
            } | null;
            /** @description How much the results look like their photos, once it has ended; null if no face was compared. */
            likeness: {
                /** @description Results whose face was compared with their source's. */
                compared: number;
                /** @description The lowest likeness. */
                least: number | null;
                median: number | null;
                /** @description Number of portraits with findings that a user should review. */
                review: number;
                /** @description Portraits by finding. */
                findings: {
                    [key: string]: number;
                };
                /** @description A warning if the skin of most portraits changes in the same direction. */
                tone: string | null;
            } | null;
            /** @description Portraits that ended without their picture although a file is at their key, by the kind of file; see the report's column `leftBehind`. */
            leftBehind: {
                [key: string]: number;
            };
            /** @description The decisions about its results. */
            review: components["schemas"]["Review"];
            /** @description Id of its newest event: `events?after=` continues from there. Null in batches of older versions. */
            lastEvent: string | null;
        };
        Operation: {
            id: string;
            batch: string;
            /** @enum {string} */
            action: "retry" | "approve" | "reject" | "undo" | "redo" | "deliver" | "answer";
            /**
             * @description `failed` and `interrupted` (its server died) may have done a part, which stays. Send the action again for the rest: nothing is done twice.
             * @enum {string}
             */
            state: "running" | "completed" | "failed" | "interrupted";
            /** @description Portraits that matched when it began. */
            matched: number;
            /** @description Portraits processed so far. */
            done: number;
            /** @description Maximum cost if each is paid once; null without a price. */
            costUsd: number | null;
            /** @description Number of portraits by result, such as `recorded` and `unchanged`. */
            counts: {
                [key: string]: number;
            };
            /** @description Portraits that could not be processed, at most 100. */
            problems: {
                index: number;
                id: string | null;
                message: string;
            }[];
            /** @description Why the operation failed. */
            error: {
                /** @enum {string} */
                code: "invalid_settings" | "invalid_input" | "not_found" | "conflict" | "stale" | "idempotency_key_reused" | "unauthorized" | "forbidden" | "limit_reached" | "storage_not_found" | "storage_denied" | "storage_refused" | "storage_unavailable" | "storage_full" | "storage_invalid" | "overloaded" | "redis_unsuitable" | "redis_unavailable" | "link_expired" | "address_not_allowed" | "remote_refused" | "remote_unavailable" | "tool_missing" | "internal";
                detail: string;
            } | null;
            /** Format: date-time */
            createdAt: string;
            /** @description Id of the key. */
            createdBy: string;
            endedAt: string | null;
        };
        Consistency: {
            /** @description 0 to 100; at 100, no two portraits of the team differ visibly; null for fewer than three. */
            score: number | null;
            /** @description Number of compared portraits. */
            measured: number;
            /** @description Number of portraits that stand out. */
            review: number;
            readonly measures: {
                /** @enum {string} */
                measure: "exposure" | "warmth" | "tint" | "contrast" | "sharpness" | "background" | "headShare";
                /**
                 * @description `log2`: a difference of one is a factor of two; `share`: 0 to 1.
                 * @enum {string}
                 */
                unit: "EV" | "log2" | "share";
                /** @description 0 to 100, for this measure alone. */
                score: number;
                /** @description The team's median. */
                median: number;
                /** @description Median distance from the team's median, scaled to a standard deviation. */
                spread: number;
                /** @description A portrait further from the median than this stands out. */
                limit: number;
            }[];
            /** @description The first 1000 portraits that stand out; the report's column `review` has all. */
            readonly portraits: {
                index: number;
                id: string;
                destination: string;
                /** @description Largest difference first. */
                readonly reasons: string[];
                stats: {
                    exposureEv: number;
                    warmthEv: number;
                    tintEv: number;
                    contrast: number;
                    sharpness: number;
                    background: number;
                    headShare?: number;
                };
            }[];
        };
        Costs: {
            from: string;
            to: string;
            /** @enum {string} */
            by: "day" | "lane" | "batch";
            total: {
                /** @description Certainly paid, and delivered. */
                costUsd: number;
                /** @description Certainly paid, with nothing delivered. */
                lostUsd: number;
                /** @description Upper bound for calls that may or may not have been paid. */
                maybeUsd: number;
            };
            /** @description Sorted by name; without rows that cost nothing. */
            readonly rows: {
                /** @description The day, the lane or the batch. */
                name: string;
                /** @description Certainly paid, and delivered. */
                costUsd: number;
                /** @description Certainly paid, with nothing delivered. */
                lostUsd: number;
                /** @description Upper bound for calls that may or may not have been paid. */
                maybeUsd: number;
            }[];
        };
        KeyLimits: {
            /** @description Prefixes of stores that it may read photos and manifests from, or `any`. */
            sources?: "any" | string[];
            /** @description Prefixes of stores that results may be written to, or `any`. */
            destinations?: "any" | string[];
            /** @description Lane names; `acme-*` matches every lane with this prefix. */
            lanes?: string[];
            /** @description Calls of the API a minute. */
            callsPerMinute?: number;
            /** @description Rows of submissions in a UTC day. */
            rowsPerDay?: number;
            /** @description Maximum cost of the batches of a UTC day, by their budgets. */
            usdPerDay?: number;
        };
        Key: {
            /** @description The part of the key after `dk_`. Logs name it. */
            id: string;
            name: string;
            /** @description `*` for a key that sees all tenants. */
            tenant: string;
            scopes: ("read" | "submit" | "review" | "manage" | "admin")[];
            limits: components["schemas"]["KeyLimits"];
            /** @enum {string} */
            state: "active" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            /** @description `root`, `local`, or the id of a key. */
            createdBy: string;
            /** @description When its present secret was created, if it was rotated. */
            rotatedAt: string | null;
            /** @description When the former secret expires, after a rotation. */
            formerUntil: string | null;
            expiresAt: string | null;
            revokedAt: string | null;
            lastUsedAt: string | null;
            /** @description Address of the client, or of the last proxy before the API. */
            lastUsedFrom: string | null;
        };
        IssuedKey: {
            /** @description The part of the key after `dk_`. Logs name it. */
            id: string;
            name: string;
            /** @description `*` for a key that sees all tenants. */
            tenant: string;
            scopes: ("read" | "submit" | "review" | "manage" | "admin")[];
            limits: components["schemas"]["KeyLimits"];
            /** @enum {string} */
            state: "active" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            /** @description `root`, `local`, or the id of a key. */
            createdBy: string;
            /** @description When its present secret was created, if it was rotated. */
            rotatedAt: string | null;
            /** @description When the former secret expires, after a rotation. */
            formerUntil: string | null;
            expiresAt: string | null;
            revokedAt: string | null;
            lastUsedAt: string | null;
            /** @description Address of the client, or of the last proxy before the API. */
            lastUsedFrom: string | null;
            /** @description The key itself. It is shown only here; Darkroom stores a hash. */
            key: string;
        };
        Lane: {
            name: string;
            /** @enum {string} */
            provider: "each-sense" | "phota";
            /** @description Portraits that are queued now. */
            counts: {
                waiting: number;
                active: number;
                delayed: number;
            };
            /** @description Calls that its provider is processing. */
            running: number;
            /** @description Worker processes that serve it. */
            workers: number;
            /** @description Concurrent calls. After a refusal, the present limit is below the configured one, and rises again. */
            concurrency: {
                configured: number;
                present: number;
            };
            /** @description Calls per minute; null for no limit. The present limit follows the rate that the provider reports. */
            ratePerMinute: {
                configured: number | null;
                present: number | null;
            };
            /** @description Why the present limit is below the configured one, after a refusal. */
            narrowed: {
                /** Format: date-time */
                at: string;
                message: string | null;
            } | null;
            /** @description No call starts before this time. */
            held: {
                /** Format: date-time */
                until: string;
                message: string | null;
            } | null;
            blocked: components["schemas"]["Blocked"] | null;
            /** @description When a single portrait is sent to probe a blocked lane. */
            probe: {
                /** Format: date-time */
                at: string;
                failed: number;
                underWay: boolean;
            } | null;
        };
        Link: {
            /** @description Logs and review logs name it. */
            id: string;
            name: string;
            batch: string;
            review: boolean;
            downloads: boolean;
            /**
             * @description A link ends with the key that created it.
             * @enum {string}
             */
            state: "active" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
        };
        IssuedLink: {
            /** @description Logs and review logs name it. */
            id: string;
            name: string;
            batch: string;
            review: boolean;
            downloads: boolean;
            /**
             * @description A link ends with the key that created it.
             * @enum {string}
             */
            state: "active" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
            /** @description Path on this server, which opens the batch. It is shown only here. */
            path: string;
        };
        Gallery: {
            id: string;
            name: string | null;
            /** @enum {string} */
            state: "ingesting" | "awaiting_confirmation" | "running" | "awaiting_approval" | "paused" | "finishing" | "completed" | "completed_with_failures" | "cancelled" | "failed";
            cancelling: boolean;
            counts: {
                total: number;
                pending: number;
                queued: number;
                running: number;
                retrying: number;
                succeeded: number;
                skipped: number;
                failed: number;
                cancelled: number;
            };
            review: components["schemas"]["Review"];
            mayReview: boolean;
            downloads: boolean;
            /** @description When the link or key expires. */
            expiresAt: string | null;
        };
        OverlappingBatch: {
            id: string;
            name: string | null;
            /** @description Id of the schedule that started it. */
            schedule: string | null;
            /** @enum {string} */
            state: "ingesting" | "awaiting_confirmation" | "running" | "awaiting_approval" | "paused" | "finishing" | "completed" | "completed_with_failures" | "cancelled" | "failed";
            /** @description True from a user's cancellation until the batch has ended. */
            cancelling: boolean;
            /** @description Incremented by every decision about the whole batch; an order may name it. */
            revision: number;
            /** @description The provider account that it was submitted to. */
            lane: string;
            /** @description Store URL of its source prefix or manifest. */
            source: string;
            /** @description The pictures ordered for each portrait. */
            recipe: {
                /** @enum {string} */
                provider: "each-sense" | "phota";
                /** @description Null if the provider has no modes. */
                mode: ("max" | "eco") | null;
                /** @description The preset of each step, or the beginning of its prompt. */
                readonly steps: string[];
            };
            /** @description Store URL of the destination. */
            destination: string;
            /** Format: date-time */
            createdAt: string;
            endedAt: string | null;
            /** @description False while the source is still being read, so that `counts.total` may grow. */
            ingested: boolean;
            /** @description The states add up to `total` at every moment. */
            counts: {
                total: number;
                pending: number;
                queued: number;
                running: number;
                retrying: number;
                succeeded: number;
                skipped: number;
                failed: number;
                cancelled: number;
            };
            /** @description Number of portraits per outcome code, for failures and cancellations. */
            failures: {
                [key: string]: number;
            };
            /** @description By the price table: paid for delivered portraits and for results that wait to be stored. */
            costUsd: number;
            /** @description Part of the cost that is paid but not stored yet, including portraits in flight. */
            unstored: {
                portraits: number;
                usd: number;
            };
            /** @description Certainly paid, with nothing delivered. */
            lostUsd: number;
            /** @description Upper bound for calls that may or may not have been paid. */
            maybeUsd: number;
            /** @description Estimated cost if every remaining portrait is paid once; null if a price is missing. */
            estimatedCostUsd: number | null;
            /** @description Highest price of one more portrait with the latest recipe, each step paid once; null if a price is missing. */
            portraitUsd: number | null;
            /** @description Its budget. */
            maxCostUsd: number | null;
            /** @description Portraits that may or may not have been paid for. */
            maybeBilled: number;
            /** @description Portraits that end per second; null while the batch is paused, waits or has no process. */
            ratePerSecond: number | null;
            /** @description A range from the observed rate; null until enough portraits have ended for an estimate. */
            secondsLeft: components["schemas"]["TimeLeft"] | null;
            /** @description Why it currently starts no portraits. It continues without a user's action. */
            blocked: components["schemas"]["BlockedBatch"] | null;
            /** @description Set while the batch should be running but no process can work on it, or none meets its needs. */
            unattended: {
                readonly missing: ("worker" | "producer")[];
                /** @description What the batch needs and none of the running processes has: an account's key, a store, a newer version. */
                readonly lacks: string[];
                /** @description When the last missing process was seen; null if none ever was. */
                since: string | null;
                message: string;
            } | null;
            /** @description Wait reasons of its portraits and of the batch itself; empty if nothing waits. */
            readonly waiting: components["schemas"]["Waiting"][];
            /** @description The fallback for a blocked lane; null if none was ordered. */
            fallback: {
                lane: string;
                /** @description How long the batch's own lane must have been blocked. */
                afterMinutes: number;
                /** @description When the fallback took over; null while the batch uses its own lane. */
                since: string | null;
            } | null;
            /** @description The cause of the pause. */
            pausedBy: ("person" | "breaker" | "budget") | null;
            /** @description Portraits that are enhanced before a user approves the rest. */
            pilot: number | null;
            deadline: string | null;
            /** @description Rounds after the first, with the portraits that they reopened. */
            readonly rounds: {
                number: number;
                /** Format: date-time */
                at: string;
                readonly codes: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                opened: number;
            }[];
            /** @description The reason for a pause, cancellation or failure. */
            reason: string | null;
            /** @description URL of the report, once the batch has ended. */
            report: string | null;
            /** @description Files that a prefix's listing left out, by type; empty for a manifest. */
            readonly leftOut: components["schemas"]["LeftOutPart"][];
            /** @description How consistent its portraits are, once it has ended; null for fewer than three. */
            consistency: {
                /** @description 0 to 100; at 100, no two portraits of the team differ visibly. */
                score: number;
                /** @description Number of compared portraits. */
                measured: number;
                /** @description Number of portraits that stand out; see the report's column `review`. */
                review: number;
            } | null;
            /** @description How much the results look like their photos, once it has ended; null if no face was compared. */
            likeness: {
                /** @description Results whose face was compared with their source's. */
                compared: number;
                /** @description The lowest likeness. */
                least: number | null;
                median: number | null;
                /** @description Number of portraits with findings that a user should review. */
                review: number;
                /** @description Portraits by finding. */
                findings: {
                    [key: string]: number;
                };
                /** @description A warning if the skin of most portraits changes in the same direction. */
                tone: string | null;
            } | null;
            /** @description Portraits that ended without their picture although a file is at their key, by the kind of file; see the report's column `leftBehind`. */
            leftBehind: {
                [key: string]: number;
            };
            /** @description The decisions about its results. */
            review: components["schemas"]["Review"];
            /** @description Id of its newest event: `events?after=` continues from there. Null in batches of older versions. */
            lastEvent: string | null;
            /** @description Portraits with a provider call that have not ended. */
            inFlight: number;
            /** @description True if it has the source, destination, recipe, lane and limits of this submission, with any `maxCostUsd`, and the accounts and stores of this deployment. */
            sameOrder: boolean;
        };
        Overlaps: {
            readonly batches: components["schemas"]["OverlappingBatch"][];
        };
        PortraitHistory: {
            /** @description How it ended in each round, oldest first. */
            ends: {
                /** @description 0 is the first. */
                round: number;
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                code: "ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal";
                message: string;
                /** @enum {string} */
                billed: "no" | "yes" | "maybe";
                costUsd: number | null;
                lostUsd: number | null;
                maybeUsd: number | null;
                attempts: number;
                providerMs: number;
                /** @description Null for the batch's own. */
                lane: string | null;
            }[];
            /** @description The provider's calls, while the portrait has not ended. Afterwards, `ends` has their sums. */
            calls: {
                step: number;
                round: number;
                /**
                 * Format: date-time
                 * @description When the call was decided.
                 */
                at: string;
                /** @description `intended`, `unpaid`, `unclear`, `answered`, `found`, `free`, `spent`, `lost` or `given-up`. */
                status: string;
                /**
                 * @description The sum that contains its price.
                 * @enum {string}
                 */
                money: "none" | "open" | "maybe" | "paid" | "lost";
                priceUsd: number | null;
                /** @description What a call without a picture counts as: `attempt`, `outage`, … */
                counts: string | null;
                /** @description Of the provider. */
                session: string | null;
                lane: string;
            }[];
            /** @description The photo; null if it is on the web, or another one has taken its place. */
            before: {
                url: string;
                /** Format: date-time */
                expiresAt: string;
            } | null;
            /** @description The result; null without one. */
            after: {
                url: string;
                /** Format: date-time */
                expiresAt: string;
            } | null;
        };
        Portrait: {
            index: number;
            /** @description The manifest's id, or the source key. */
            id: string | null;
            /** @enum {string} */
            state: "pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled";
            /** @description Without the query of a web address, which may be a signature. */
            source: string | null;
            /** @description The key under the batch's destination. */
            destination: string | null;
            /** @description What the destination had under this name when the batch ended without the portrait's picture. Known for the first 10000; the report has all. */
            leftBehind: ("earlier_photo" | "earlier_result" | "other_recipe" | "simulated" | "other_file" | "not_examined") | null;
            /** @description The manifest's other columns. */
            carried: {
                [key: string]: string;
            };
            /** @description The decision about its result; null without one. */
            review: components["schemas"]["PortraitReview"] | null;
            /** @description Why a user should review the result's face. Null without findings; the report has all scores. */
            likeness: {
                /** @description Null if one of the two shows no clear face. */
                score: number | null;
                readonly findings: ("another_person" | "structure" | "skin_tone" | "face_lost" | "face_gained" | "head_size" | "head_place")[];
                /** @description The findings in words, in the same order. */
                readonly reasons: string[];
            } | null;
            /** @description Its outcome. The report has the details of successes, and of failures after the first 10,000. */
            outcome: {
                /** @enum {string} */
                code: "ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal";
                message: string;
                retryable: boolean;
                billed: ("no" | "yes" | "maybe") | null;
                attempts: number | null;
                providerMs: number | null;
                costUsd: number | null;
                lostUsd: number | null;
                maybeUsd: number | null;
                at: string | null;
                /** @description The agent's question, if the portrait ended with one. */
                question: {
                    text: string;
                    readonly options: string[];
                } | null;
            } | null;
        };
        PortraitDetails: {
            index: number;
            /** @description The manifest's id, or the source key. */
            id: string | null;
            /** @enum {string} */
            state: "pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled";
            /** @description Without the query of a web address, which may be a signature. */
            source: string | null;
            /** @description The key under the batch's destination. */
            destination: string | null;
            /** @description What the destination had under this name when the batch ended without the portrait's picture. Known for the first 10000; the report has all. */
            leftBehind: ("earlier_photo" | "earlier_result" | "other_recipe" | "simulated" | "other_file" | "not_examined") | null;
            /** @description The manifest's other columns. */
            carried: {
                [key: string]: string;
            };
            /** @description The decision about its result; null without one. */
            review: components["schemas"]["PortraitReview"] | null;
            /** @description Why a user should review the result's face. Null without findings; the report has all scores. */
            likeness: {
                /** @description Null if one of the two shows no clear face. */
                score: number | null;
                readonly findings: ("another_person" | "structure" | "skin_tone" | "face_lost" | "face_gained" | "head_size" | "head_place")[];
                /** @description The findings in words, in the same order. */
                readonly reasons: string[];
            } | null;
            /** @description Its outcome. The report has the details of successes, and of failures after the first 10,000. */
            outcome: {
                /** @enum {string} */
                code: "ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal";
                message: string;
                retryable: boolean;
                billed: ("no" | "yes" | "maybe") | null;
                attempts: number | null;
                providerMs: number | null;
                costUsd: number | null;
                lostUsd: number | null;
                maybeUsd: number | null;
                at: string | null;
                /** @description The agent's question, if the portrait ended with one. */
                question: {
                    text: string;
                    readonly options: string[];
                } | null;
            } | null;
            /** @description Its wait reason; null while it runs and after it has ended. */
            wait: {
                /** @enum {string} */
                reason: "turn" | "provider_retry" | "provider_busy" | "rate_limit" | "lane_blocked" | "recall" | "result" | "storage" | "destination_blocked" | "claim_held" | "memory" | "handed_back" | "other_lane" | "other_batch" | "failover" | "deaths" | "internal" | "cost_count" | "stopping" | "window" | "unstored_results" | "budget" | "paused" | "confirmation" | "approval" | "reopening" | "unattended" | "unmet_needs" | "source" | "snapshot" | "report";
                nextLookAt: string | null;
                endsWhen: string;
            } | null;
            /** @description The history of a portrait that has not ended. */
            receipt: {
                /** @description Attempts that failed at the provider. */
                attempts: number;
                storageFailures: number;
                /** @description When the provider was first called. */
                since: string | null;
                maybeBilled: boolean;
                lastFailure: {
                    code: string;
                    message: string;
                } | null;
                /** @description The latest error that delayed it, if any. */
                lastTrouble: string | null;
            } | null;
        };
        Questions: {
            /** @description Most frequent first. Questions that differ only in case, white space and final punctuation are the same. */
            questions: {
                question: string;
                readonly options: string[];
                /** @description Number of portraits that ended with this question. */
                portraits: number;
                /** @description Ids of some of these portraits. */
                examples: string[];
            }[];
            /** @description Number of portraits whose questions are not listed. */
            others: number;
        };
        Quote: {
            /** @enum {string} */
            provider: "each-sense" | "phota";
            /** @description The provider account that would do the work. */
            lane: string;
            /** @description Store URL of the destination. */
            destination: string;
            /** @description The sum of `goodRows` and `badRows`. */
            rows: number;
            goodRows: number;
            badRows: number;
            /** @description At most 20. */
            readonly firstBadRows: {
                index: number;
                /** @description Line of the manifest, from 1. */
                line: number | null;
                field: string | null;
                message: string;
            }[];
            /** @description Bad rows with the same destination as an earlier row. */
            destinationCollisions: number;
            /** @description Good rows with the same photo as an earlier good row. */
            duplicates: number;
            /**
             * @description By ETag and size in a listing, by source name in a manifest.
             * @enum {string}
             */
            duplicatesBy: "content" | "source";
            /** @description At most 10. */
            readonly duplicateExamples: {
                index: number;
                id: string;
                source: string;
                /** @description The earlier row's source, if known. */
                of: string | null;
                /** @description The earlier row's id, if known. */
                ofId: string | null;
            }[];
            /** @description The manifest's columns that Darkroom does not interpret and copies to the report. At most 50. */
            readonly carriedColumns: string[];
            /** @description Files that a prefix's listing left out, by type; empty for a manifest. */
            readonly leftOut: components["schemas"]["LeftOutPart"][];
            /** @description Why a prefix has no photo. */
            emptyReason: string | null;
            /** @description Findings from the first and last bytes of at most 50 photos spread over the batch. Of https:// links, it includes only those that name a private network, as refused. */
            sample: {
                looked: number;
                missing: number;
                /** @description At most 10. */
                readonly missingExamples: {
                    index: number;
                    id: string;
                    source: string;
                    /** @description An existing key that differs only in case, accents or extension. */
                    similar: string | null;
                    /** @description The URL that was searched. */
                    place: string | null;
                }[];
                unreadable: number;
                /** @description At most 10. */
                readonly unreadableExamples: {
                    index: number;
                    id: string;
                    source: string;
                    message: string;
                }[];
                /** @description Photos that cannot be sent to the provider, even converted. */
                refused: number;
                /** @description At most 10. */
                readonly refusedExamples: {
                    index: number;
                    id: string;
                    source: string;
                    message: string;
                }[];
                /** @description Photos that seem to end before their picture does. They are tried; a damaged one is rejected before payment. */
                seemCut: number;
                /** @description At most 10. */
                readonly seemCutExamples: {
                    index: number;
                    id: string;
                    source: string;
                }[];
                /** @description Photos with the same content as another photo of the sample, under another name. */
                sameContent: number;
                /** @description At most 10. */
                readonly sameContentExamples: {
                    index: number;
                    id: string;
                    source: string;
                    /** @description The earlier row's source, if known. */
                    of: string | null;
                    /** @description The earlier row's id, if known. */
                    ofId: string | null;
                }[];
                /** @description The destination already has this photo with this recipe: it would be skipped. */
                alreadyDelivered: number;
                /** @description The destination has the simulator's picture of this photo, so the photo would be enhanced again. */
                simulated: number;
                /** @description What another recipe has made of these photos at the destination. It would be refused, unless `overwrite` is set. */
                otherRecipe: {
                    results: number;
                    /** @description What they cost, by the prices of the batches that made them; null where that is not known of all. */
                    usd: number | null;
                    /** @description Short descriptions of the known recipes. */
                    readonly recipes: string[];
                };
                /** @description The order keeps another recipe's result of this photo, so the photo would be skipped. */
                kept: number;
                /** @description The destination has another portrait's result, or a file that Darkroom did not make: the portrait would be rejected, unless `overwrite` is set. */
                taken: number;
                /** @description At most 10. */
                readonly takenExamples: {
                    index: number;
                    id: string;
                    source: string;
                    destination: string;
                    what: string;
                }[];
                /** @description The destination is the photo itself, so the portrait would be rejected. */
                ontoItself: number;
                /** @description Null if face search is off, or no photo could be searched. */
                faces: {
                    /** @description Number of photos of the sample that were searched within about five seconds. */
                    looked: number;
                    /** @description Photos without a face: refused before payment, unless the recipe's `faces` is `warn`. */
                    none: number;
                    /** @description At most 10. */
                    readonly noneExamples: {
                        index: number;
                        id: string;
                        source: string;
                    }[];
                    /** @description Photos with several faces. */
                    several: number;
                    /** @description At most 10. */
                    readonly severalExamples: {
                        index: number;
                        id: string;
                        source: string;
                    }[];
                    /** @description Photos of the same person as an earlier photo. */
                    samePerson: number;
                    /** @description At most 10. */
                    readonly samePersonExamples: {
                        index: number;
                        id: string;
                        source: string;
                        /** @description The earlier row's source, if known. */
                        of: string | null;
                        /** @description The earlier row's id, if known. */
                        ofId: string | null;
                    }[];
                } | null;
            };
            cost: {
                /** @description Cost if each good row is paid once; null when a price is missing. */
                usd: number | null;
                /** @description Why the amount is missing. */
                message: string | null;
                readonly parts: {
                    /** @enum {string} */
                    mode: "max" | "eco";
                    portraits: number;
                    turns: number;
                    usd: number | null;
                }[];
            };
            /** @description Duration if only this batch uses the lane and nothing is retried. */
            time: {
                minSeconds: number | null;
                maxSeconds: number | null;
                /** @description Why the duration is missing. */
                message: string | null;
                /** @description The lane's concurrent calls. */
                concurrency: number;
                /** @description The lane's calls per minute. */
                ratePerMinute: number | null;
            };
            readonly warnings: string[];
            /** @description Why a submission would be refused; null for an accepted batch, and if no reason was found. */
            refusal: string | null;
        };
        RecoveredBatch: {
            batchId: string;
            /** @enum {string} */
            kind: "recovered" | "known" | "ended" | "damaged" | "running";
            /** @description Number of portraits found. */
            total?: number;
            /** @description Number of portraits that had ended. */
            ended?: number;
            /** @description True if none of its rows had been read, so it may never have been accepted. It waits for confirmation. */
            unconfirmed?: boolean;
            /** @description The damage, or the fact that another Redis runs the batch. */
            message?: string;
        };
        Difference: {
            /** @enum {string} */
            kind: "counts" | "jobless" | "stray_claims" | "stray_receipts" | "snapshot_missing" | "results_missing";
            meaning: string;
            count: number;
            readonly examples: number[];
            fixed: number;
            advice: string;
        };
        ReviewLine: {
            /** @description From 1 without gaps. */
            number: number;
            /** Format: date-time */
            at: string;
            /** @description Id of the key that made the decision. */
            by: string;
            /** @enum {string} */
            order: "approve" | "reject" | "undo" | "redo";
            note: string | null;
            portraits: number[];
            /** @description For an `undo`: the lines whose decisions it withdrew. */
            undoes: number[];
        };
        ScheduleRun: {
            /** Format: date-time */
            at: string;
            batchId: string | null;
            /**
             * @description The present state of its batch, or why it has none.
             * @enum {string}
             */
            outcome: "started" | "queued" | "skipped_overlap" | "skipped_paused" | "missed" | "ingesting" | "awaiting_confirmation" | "running" | "awaiting_approval" | "paused" | "finishing" | "completed" | "completed_with_failures" | "cancelled" | "failed";
            /** @description Why there is no batch, or the batch's message about its end. */
            message: string | null;
            /** @description Number of due times that the run covers. */
            covers: number;
            /** @description The contents of its source; null if it created no batch. */
            found: {
                /** @description New or changed photos, and rows of a manifest: accepted for its batch. */
                portraits: number;
                /** @description Photos that an earlier run delivered. */
                unchanged: number;
                /** @description Files that are not photos. */
                leftOut: number;
            } | null;
            /** @description The outcomes of its portraits. */
            did: {
                succeeded: number;
                /** @description Already delivered. */
                skipped: number;
                failed: number;
                cancelled: number;
            } | null;
            /** @description The cost of its batch. */
            cost: {
                /** @description Paid and delivered. */
                costUsd: number;
                /** @description Paid and lost. */
                lostUsd: number;
                /** @description Possibly paid. */
                maybeUsd: number;
            } | null;
        };
        Schedule: {
            id: string;
            cron: string;
            timeZone: string;
            /**
             * @description What a run does while the last batch has not ended: nothing; wait for its end, as one run for all that wait; or cancel it, and start when it has ended.
             * @enum {string}
             */
            overlap: "skip" | "queue" | "cancel-running";
            /**
             * @description What happens to runs that no producer could start within five minutes: nothing, or one run for all of them.
             * @enum {string}
             */
            missed: "skip" | "once";
            submission: {
                name?: string;
                source: string;
                baseUrl?: string;
                /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                manifestSources?: "any" | string[];
                /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                carry?: string[];
                /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                skipBadRows?: boolean;
                include?: string[];
                exclude?: string[];
                /** @description `{date}` becomes the day of the run, in the schedule's time zone. */
                destination: string;
                template?: string;
                /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                overwrite?: boolean | "other-recipe";
                recipe: {
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    /** @enum {string} */
                    preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    prompt?: string;
                    steps?: ({
                        /** @enum {string} */
                        preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    } | {
                        prompt: string;
                    })[];
                    /** @enum {string} */
                    mode?: "max" | "eco";
                    /** @enum {string} */
                    intensity?: "subtle" | "moderate" | "dramatic";
                    /** @enum {string} */
                    useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                    preserve?: string[];
                    outcome?: string;
                    clarificationAnswer?: string;
                    output?: {
                        /** @enum {string} */
                        format?: "source" | "jpeg" | "png" | "webp";
                        variations?: number;
                        leastShare?: number;
                        deliveries?: {
                            /** @enum {string} */
                            name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                            /** @enum {string} */
                            format?: "jpeg" | "png" | "webp";
                            template?: string;
                        }[];
                    };
                    retry?: {
                        attempts?: number;
                        backoffBaseMs?: number;
                        backoffCapMs?: number;
                    };
                    /** @enum {string} */
                    faces?: "refuse" | "warn" | "off";
                    /** @enum {string} */
                    likeness?: "review" | "strict" | "off";
                };
                lane?: string;
                /** @description Start no portrait before the batch is confirmed. */
                confirm?: boolean;
                /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                pilot?: number;
                /** @description Maximum cost of the batch in USD, including work in flight. */
                maxCostUsd?: number;
                /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                breaker?: {
                    minimum?: number;
                    failurePercent?: number;
                } | boolean;
                /** @description Start portraits only within these hours; requires timeZone. */
                between?: string;
                /** @description IANA name of the time zone of `between`. */
                timeZone?: string;
                /**
                 * Format: date-time
                 * @description Start no portrait after this time; ISO 8601 with an offset.
                 */
                deadline?: string;
                /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                fallback?: {
                    lane?: string;
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    afterMinutes: number;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** @description Set while a user's pause prevents runs. */
            paused: {
                /** Format: date-time */
                at: string;
                reason: string | null;
            } | null;
            /** @description Null while the schedule is paused. */
            nextRunAt: string | null;
            /** @description The next five; none while the schedule is paused. */
            nextRuns: string[];
            /** @description Due time of the run that starts as soon as the current batch ends. */
            queuedFor: string | null;
            /** @description Why the schedule's batch makes no progress until someone acts. */
            stuck: {
                batchId: string;
                /** @enum {string} */
                reason: "paused" | "budget" | "approval" | "confirmation" | "lane_blocked" | "destination_blocked" | "unattended" | "unmet_needs" | "unstored_results" | "source" | "storage" | "snapshot" | "report" | "internal";
                message: string;
            } | null;
            lastRun: components["schemas"]["ScheduleRun"] | null;
        };
        CreatedSchedule: {
            id: string;
            cron: string;
            timeZone: string;
            /**
             * @description What a run does while the last batch has not ended: nothing; wait for its end, as one run for all that wait; or cancel it, and start when it has ended.
             * @enum {string}
             */
            overlap: "skip" | "queue" | "cancel-running";
            /**
             * @description What happens to runs that no producer could start within five minutes: nothing, or one run for all of them.
             * @enum {string}
             */
            missed: "skip" | "once";
            submission: {
                name?: string;
                source: string;
                baseUrl?: string;
                /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                manifestSources?: "any" | string[];
                /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                carry?: string[];
                /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                skipBadRows?: boolean;
                include?: string[];
                exclude?: string[];
                /** @description `{date}` becomes the day of the run, in the schedule's time zone. */
                destination: string;
                template?: string;
                /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                overwrite?: boolean | "other-recipe";
                recipe: {
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    /** @enum {string} */
                    preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    prompt?: string;
                    steps?: ({
                        /** @enum {string} */
                        preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    } | {
                        prompt: string;
                    })[];
                    /** @enum {string} */
                    mode?: "max" | "eco";
                    /** @enum {string} */
                    intensity?: "subtle" | "moderate" | "dramatic";
                    /** @enum {string} */
                    useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                    preserve?: string[];
                    outcome?: string;
                    clarificationAnswer?: string;
                    output?: {
                        /** @enum {string} */
                        format?: "source" | "jpeg" | "png" | "webp";
                        variations?: number;
                        leastShare?: number;
                        deliveries?: {
                            /** @enum {string} */
                            name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                            /** @enum {string} */
                            format?: "jpeg" | "png" | "webp";
                            template?: string;
                        }[];
                    };
                    retry?: {
                        attempts?: number;
                        backoffBaseMs?: number;
                        backoffCapMs?: number;
                    };
                    /** @enum {string} */
                    faces?: "refuse" | "warn" | "off";
                    /** @enum {string} */
                    likeness?: "review" | "strict" | "off";
                };
                lane?: string;
                /** @description Start no portrait before the batch is confirmed. */
                confirm?: boolean;
                /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                pilot?: number;
                /** @description Maximum cost of the batch in USD, including work in flight. */
                maxCostUsd?: number;
                /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                breaker?: {
                    minimum?: number;
                    failurePercent?: number;
                } | boolean;
                /** @description Start portraits only within these hours; requires timeZone. */
                between?: string;
                /** @description IANA name of the time zone of `between`. */
                timeZone?: string;
                /**
                 * Format: date-time
                 * @description Start no portrait after this time; ISO 8601 with an offset.
                 */
                deadline?: string;
                /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                fallback?: {
                    lane?: string;
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    afterMinutes: number;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** @description Set while a user's pause prevents runs. */
            paused: {
                /** Format: date-time */
                at: string;
                reason: string | null;
            } | null;
            /** @description Null while the schedule is paused. */
            nextRunAt: string | null;
            /** @description The next five; none while the schedule is paused. */
            nextRuns: string[];
            /** @description Due time of the run that starts as soon as the current batch ends. */
            queuedFor: string | null;
            /** @description Why the schedule's batch makes no progress until someone acts. */
            stuck: {
                batchId: string;
                /** @enum {string} */
                reason: "paused" | "budget" | "approval" | "confirmation" | "lane_blocked" | "destination_blocked" | "unattended" | "unmet_needs" | "unstored_results" | "source" | "storage" | "snapshot" | "report" | "internal";
                message: string;
            } | null;
            lastRun: components["schemas"]["ScheduleRun"] | null;
            /** @description For example, a local source that does not exist yet. */
            readonly warnings: string[];
        };
        ScheduleWithRuns: {
            id: string;
            cron: string;
            timeZone: string;
            /**
             * @description What a run does while the last batch has not ended: nothing; wait for its end, as one run for all that wait; or cancel it, and start when it has ended.
             * @enum {string}
             */
            overlap: "skip" | "queue" | "cancel-running";
            /**
             * @description What happens to runs that no producer could start within five minutes: nothing, or one run for all of them.
             * @enum {string}
             */
            missed: "skip" | "once";
            submission: {
                name?: string;
                source: string;
                baseUrl?: string;
                /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                manifestSources?: "any" | string[];
                /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                carry?: string[];
                /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                skipBadRows?: boolean;
                include?: string[];
                exclude?: string[];
                /** @description `{date}` becomes the day of the run, in the schedule's time zone. */
                destination: string;
                template?: string;
                /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                overwrite?: boolean | "other-recipe";
                recipe: {
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    /** @enum {string} */
                    preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    prompt?: string;
                    steps?: ({
                        /** @enum {string} */
                        preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    } | {
                        prompt: string;
                    })[];
                    /** @enum {string} */
                    mode?: "max" | "eco";
                    /** @enum {string} */
                    intensity?: "subtle" | "moderate" | "dramatic";
                    /** @enum {string} */
                    useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                    preserve?: string[];
                    outcome?: string;
                    clarificationAnswer?: string;
                    output?: {
                        /** @enum {string} */
                        format?: "source" | "jpeg" | "png" | "webp";
                        variations?: number;
                        leastShare?: number;
                        deliveries?: {
                            /** @enum {string} */
                            name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                            /** @enum {string} */
                            format?: "jpeg" | "png" | "webp";
                            template?: string;
                        }[];
                    };
                    retry?: {
                        attempts?: number;
                        backoffBaseMs?: number;
                        backoffCapMs?: number;
                    };
                    /** @enum {string} */
                    faces?: "refuse" | "warn" | "off";
                    /** @enum {string} */
                    likeness?: "review" | "strict" | "off";
                };
                lane?: string;
                /** @description Start no portrait before the batch is confirmed. */
                confirm?: boolean;
                /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                pilot?: number;
                /** @description Maximum cost of the batch in USD, including work in flight. */
                maxCostUsd?: number;
                /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                breaker?: {
                    minimum?: number;
                    failurePercent?: number;
                } | boolean;
                /** @description Start portraits only within these hours; requires timeZone. */
                between?: string;
                /** @description IANA name of the time zone of `between`. */
                timeZone?: string;
                /**
                 * Format: date-time
                 * @description Start no portrait after this time; ISO 8601 with an offset.
                 */
                deadline?: string;
                /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                fallback?: {
                    lane?: string;
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    afterMinutes: number;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** @description Set while a user's pause prevents runs. */
            paused: {
                /** Format: date-time */
                at: string;
                reason: string | null;
            } | null;
            /** @description Null while the schedule is paused. */
            nextRunAt: string | null;
            /** @description The next five; none while the schedule is paused. */
            nextRuns: string[];
            /** @description Due time of the run that starts as soon as the current batch ends. */
            queuedFor: string | null;
            /** @description Why the schedule's batch makes no progress until someone acts. */
            stuck: {
                batchId: string;
                /** @enum {string} */
                reason: "paused" | "budget" | "approval" | "confirmation" | "lane_blocked" | "destination_blocked" | "unattended" | "unmet_needs" | "unstored_results" | "source" | "storage" | "snapshot" | "report" | "internal";
                message: string;
            } | null;
            lastRun: components["schemas"]["ScheduleRun"] | null;
            /** @description The last 20 runs, newest first. */
            runs: components["schemas"]["ScheduleRun"][];
        };
        OrderedRun: {
            id: string;
            cron: string;
            timeZone: string;
            /**
             * @description What a run does while the last batch has not ended: nothing; wait for its end, as one run for all that wait; or cancel it, and start when it has ended.
             * @enum {string}
             */
            overlap: "skip" | "queue" | "cancel-running";
            /**
             * @description What happens to runs that no producer could start within five minutes: nothing, or one run for all of them.
             * @enum {string}
             */
            missed: "skip" | "once";
            submission: {
                name?: string;
                source: string;
                baseUrl?: string;
                /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                manifestSources?: "any" | string[];
                /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                carry?: string[];
                /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                skipBadRows?: boolean;
                include?: string[];
                exclude?: string[];
                /** @description `{date}` becomes the day of the run, in the schedule's time zone. */
                destination: string;
                template?: string;
                /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                overwrite?: boolean | "other-recipe";
                recipe: {
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    /** @enum {string} */
                    preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    prompt?: string;
                    steps?: ({
                        /** @enum {string} */
                        preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                    } | {
                        prompt: string;
                    })[];
                    /** @enum {string} */
                    mode?: "max" | "eco";
                    /** @enum {string} */
                    intensity?: "subtle" | "moderate" | "dramatic";
                    /** @enum {string} */
                    useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                    preserve?: string[];
                    outcome?: string;
                    clarificationAnswer?: string;
                    output?: {
                        /** @enum {string} */
                        format?: "source" | "jpeg" | "png" | "webp";
                        variations?: number;
                        leastShare?: number;
                        deliveries?: {
                            /** @enum {string} */
                            name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                            /** @enum {string} */
                            format?: "jpeg" | "png" | "webp";
                            template?: string;
                        }[];
                    };
                    retry?: {
                        attempts?: number;
                        backoffBaseMs?: number;
                        backoffCapMs?: number;
                    };
                    /** @enum {string} */
                    faces?: "refuse" | "warn" | "off";
                    /** @enum {string} */
                    likeness?: "review" | "strict" | "off";
                };
                lane?: string;
                /** @description Start no portrait before the batch is confirmed. */
                confirm?: boolean;
                /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                pilot?: number;
                /** @description Maximum cost of the batch in USD, including work in flight. */
                maxCostUsd?: number;
                /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                breaker?: {
                    minimum?: number;
                    failurePercent?: number;
                } | boolean;
                /** @description Start portraits only within these hours; requires timeZone. */
                between?: string;
                /** @description IANA name of the time zone of `between`. */
                timeZone?: string;
                /**
                 * Format: date-time
                 * @description Start no portrait after this time; ISO 8601 with an offset.
                 */
                deadline?: string;
                /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                fallback?: {
                    lane?: string;
                    /** @enum {string} */
                    provider?: "each-sense" | "phota";
                    afterMinutes: number;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** @description Set while a user's pause prevents runs. */
            paused: {
                /** Format: date-time */
                at: string;
                reason: string | null;
            } | null;
            /** @description Null while the schedule is paused. */
            nextRunAt: string | null;
            /** @description The next five; none while the schedule is paused. */
            nextRuns: string[];
            /** @description Due time of the run that starts as soon as the current batch ends. */
            queuedFor: string | null;
            /** @description Why the schedule's batch makes no progress until someone acts. */
            stuck: {
                batchId: string;
                /** @enum {string} */
                reason: "paused" | "budget" | "approval" | "confirmation" | "lane_blocked" | "destination_blocked" | "unattended" | "unmet_needs" | "unstored_results" | "source" | "storage" | "snapshot" | "report" | "internal";
                message: string;
            } | null;
            lastRun: components["schemas"]["ScheduleRun"] | null;
            /** @description Id of the run's batch. The batch may not exist yet if no producer has started the run. */
            batchId: string;
        };
        SubmittedBatch: {
            id: string;
            name: string | null;
            /** @description Id of the schedule that started it. */
            schedule: string | null;
            /** @enum {string} */
            state: "ingesting" | "awaiting_confirmation" | "running" | "awaiting_approval" | "paused" | "finishing" | "completed" | "completed_with_failures" | "cancelled" | "failed";
            /** @description True from a user's cancellation until the batch has ended. */
            cancelling: boolean;
            /** @description Incremented by every decision about the whole batch; an order may name it. */
            revision: number;
            /** @description The provider account that it was submitted to. */
            lane: string;
            /** @description Store URL of its source prefix or manifest. */
            source: string;
            /** @description The pictures ordered for each portrait. */
            recipe: {
                /** @enum {string} */
                provider: "each-sense" | "phota";
                /** @description Null if the provider has no modes. */
                mode: ("max" | "eco") | null;
                /** @description The preset of each step, or the beginning of its prompt. */
                readonly steps: string[];
            };
            /** @description Store URL of the destination. */
            destination: string;
            /** Format: date-time */
            createdAt: string;
            endedAt: string | null;
            /** @description False while the source is still being read, so that `counts.total` may grow. */
            ingested: boolean;
            /** @description The states add up to `total` at every moment. */
            counts: {
                total: number;
                pending: number;
                queued: number;
                running: number;
                retrying: number;
                succeeded: number;
                skipped: number;
                failed: number;
                cancelled: number;
            };
            /** @description Number of portraits per outcome code, for failures and cancellations. */
            failures: {
                [key: string]: number;
            };
            /** @description By the price table: paid for delivered portraits and for results that wait to be stored. */
            costUsd: number;
            /** @description Part of the cost that is paid but not stored yet, including portraits in flight. */
            unstored: {
                portraits: number;
                usd: number;
            };
            /** @description Certainly paid, with nothing delivered. */
            lostUsd: number;
            /** @description Upper bound for calls that may or may not have been paid. */
            maybeUsd: number;
            /** @description Estimated cost if every remaining portrait is paid once; null if a price is missing. */
            estimatedCostUsd: number | null;
            /** @description Highest price of one more portrait with the latest recipe, each step paid once; null if a price is missing. */
            portraitUsd: number | null;
            /** @description Its budget. */
            maxCostUsd: number | null;
            /** @description Portraits that may or may not have been paid for. */
            maybeBilled: number;
            /** @description Portraits that end per second; null while the batch is paused, waits or has no process. */
            ratePerSecond: number | null;
            /** @description A range from the observed rate; null until enough portraits have ended for an estimate. */
            secondsLeft: components["schemas"]["TimeLeft"] | null;
            /** @description Why it currently starts no portraits. It continues without a user's action. */
            blocked: components["schemas"]["BlockedBatch"] | null;
            /** @description Set while the batch should be running but no process can work on it, or none meets its needs. */
            unattended: {
                readonly missing: ("worker" | "producer")[];
                /** @description What the batch needs and none of the running processes has: an account's key, a store, a newer version. */
                readonly lacks: string[];
                /** @description When the last missing process was seen; null if none ever was. */
                since: string | null;
                message: string;
            } | null;
            /** @description Wait reasons of its portraits and of the batch itself; empty if nothing waits. */
            readonly waiting: components["schemas"]["Waiting"][];
            /** @description The fallback for a blocked lane; null if none was ordered. */
            fallback: {
                lane: string;
                /** @description How long the batch's own lane must have been blocked. */
                afterMinutes: number;
                /** @description When the fallback took over; null while the batch uses its own lane. */
                since: string | null;
            } | null;
            /** @description The cause of the pause. */
            pausedBy: ("person" | "breaker" | "budget") | null;
            /** @description Portraits that are enhanced before a user approves the rest. */
            pilot: number | null;
            deadline: string | null;
            /** @description Rounds after the first, with the portraits that they reopened. */
            readonly rounds: {
                number: number;
                /** Format: date-time */
                at: string;
                readonly codes: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                opened: number;
            }[];
            /** @description The reason for a pause, cancellation or failure. */
            reason: string | null;
            /** @description URL of the report, once the batch has ended. */
            report: string | null;
            /** @description Files that a prefix's listing left out, by type; empty for a manifest. */
            readonly leftOut: components["schemas"]["LeftOutPart"][];
            /** @description How consistent its portraits are, once it has ended; null for fewer than three. */
            consistency: {
                /** @description 0 to 100; at 100, no two portraits of the team differ visibly. */
                score: number;
                /** @description Number of compared portraits. */
                measured: number;
                /** @description Number of portraits that stand out; see the report's column `review`. */
                review: number;
            } | null;
            /** @description How much the results look like their photos, once it has ended; null if no face was compared. */
            likeness: {
                /** @description Results whose face was compared with their source's. */
                compared: number;
                /** @description The lowest likeness. */
                least: number | null;
                median: number | null;
                /** @description Number of portraits with findings that a user should review. */
                review: number;
                /** @description Portraits by finding. */
                findings: {
                    [key: string]: number;
                };
                /** @description A warning if the skin of most portraits changes in the same direction. */
                tone: string | null;
            } | null;
            /** @description Portraits that ended without their picture although a file is at their key, by the kind of file; see the report's column `leftBehind`. */
            leftBehind: {
                [key: string]: number;
            };
            /** @description The decisions about its results. */
            review: components["schemas"]["Review"];
            /** @description Id of its newest event: `events?after=` continues from there. Null in batches of older versions. */
            lastEvent: string | null;
            /** @description Active batches with the same destination and recipe. Results that they share are paid once. */
            readonly sharesDestination: string[];
        };
        Upload: {
            id: string;
            /** @description Location of the photos, as the `source` or `baseUrl` of a submission. */
            source: string;
            /** @description Default location of the results. A submission may name another one. */
            destination: string;
            /**
             * Format: date-time
             * @description When the photos are deleted if they have no batch.
             */
            expiresAt: string;
            maxPhotoBytes: number;
            readonly photos: {
                path: string;
                sizeBytes: number;
            }[];
        };
        Webhook: {
            id: string;
            url: string;
            description: string | null;
            /** @description `*` for the events of all tenants. */
            tenant: string;
            events: ("batch.accepted" | "batch.source_read" | "batch.awaiting_confirmation" | "batch.confirmed" | "batch.started" | "batch.awaiting_approval" | "batch.approved" | "batch.paused" | "batch.resumed" | "batch.budget_changed" | "batch.blocked" | "batch.unblocked" | "batch.unattended" | "batch.attended" | "batch.failed_over" | "batch.round_opened" | "batch.stopped" | "batch.finishing" | "batch.completed" | "batch.cancelled" | "batch.failed" | "batch.recovered" | "batch.reviewed" | "portrait.failed" | "schedule.missed" | "schedule.paused" | "schedule.resumed" | "schedule.stuck" | "schedule.unstuck" | "webhook.disabled")[];
            /**
             * @description `failing`: the last attempt failed.
             * @enum {string}
             */
            state: "enabled" | "failing" | "disabled";
            /** @description `person`; `gone`: it answered 410; `failing`: every delivery failed for five days. */
            disabledBy: ("person" | "gone" | "failing") | null;
            disabledReason: string | null;
            disabledAt: string | null;
            /** @description Number of pending messages. */
            waiting: number;
            lastDeliveredAt: string | null;
            lastFailedAt: string | null;
            /** @description Why the last attempt failed. */
            failure: string | null;
            failingSince: string | null;
            /** @description No message is sent before this time, as requested by the receiver's `Retry-After`. */
            heldUntil: string | null;
            /** @description When events were last dropped from the feed before they could be sent. */
            missedAt: string | null;
            rotatedAt: string | null;
            /** @description When the former secret stops signing, after a rotation. */
            formerUntil: string | null;
            /** Format: date-time */
            createdAt: string;
            /** @description `root`, `local`, or the id of a key. */
            createdBy: string;
        };
        IssuedWebhook: {
            id: string;
            url: string;
            description: string | null;
            /** @description `*` for the events of all tenants. */
            tenant: string;
            events: ("batch.accepted" | "batch.source_read" | "batch.awaiting_confirmation" | "batch.confirmed" | "batch.started" | "batch.awaiting_approval" | "batch.approved" | "batch.paused" | "batch.resumed" | "batch.budget_changed" | "batch.blocked" | "batch.unblocked" | "batch.unattended" | "batch.attended" | "batch.failed_over" | "batch.round_opened" | "batch.stopped" | "batch.finishing" | "batch.completed" | "batch.cancelled" | "batch.failed" | "batch.recovered" | "batch.reviewed" | "portrait.failed" | "schedule.missed" | "schedule.paused" | "schedule.resumed" | "schedule.stuck" | "schedule.unstuck" | "webhook.disabled")[];
            /**
             * @description `failing`: the last attempt failed.
             * @enum {string}
             */
            state: "enabled" | "failing" | "disabled";
            /** @description `person`; `gone`: it answered 410; `failing`: every delivery failed for five days. */
            disabledBy: ("person" | "gone" | "failing") | null;
            disabledReason: string | null;
            disabledAt: string | null;
            /** @description Number of pending messages. */
            waiting: number;
            lastDeliveredAt: string | null;
            lastFailedAt: string | null;
            /** @description Why the last attempt failed. */
            failure: string | null;
            failingSince: string | null;
            /** @description No message is sent before this time, as requested by the receiver's `Retry-After`. */
            heldUntil: string | null;
            /** @description When events were last dropped from the feed before they could be sent. */
            missedAt: string | null;
            rotatedAt: string | null;
            /** @description When the former secret stops signing, after a rotation. */
            formerUntil: string | null;
            /** Format: date-time */
            createdAt: string;
            /** @description `root`, `local`, or the id of a key. */
            createdBy: string;
            /** @description Signs the deliveries (`whsec_` and base64). It is shown only here. */
            secret: string;
        };
        WebhookDelivery: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @description The `webhook-id`, the same at every attempt. */
            message: string;
            type: string;
            /** @description Id of the event; null for a test. */
            event: string | null;
            attempt: number;
            /** @enum {string} */
            outcome: "delivered" | "failed" | "given_up";
            /** @description HTTP status of the response; null without a response. */
            status: number | null;
            durationMs: number;
            failure: string | null;
            /** @description Time of the next attempt. */
            nextAt: string | null;
        };
        FeedEvent: {
            /** @description Never given to two events. The same at every delivery. */
            id: string;
            /** @description Null for the events of schedules and webhooks. */
            batch: string | null;
            /** @description Owner of the batch, schedule or webhook. */
            tenant: string;
            /** @description Its number in its batch, schedule or webhook, from 1 without gaps. */
            sequence: number;
            /**
             * Format: date-time
             * @description Redis' clock.
             */
            at: string;
            /** @enum {string} */
            type: "batch.accepted" | "batch.source_read" | "batch.awaiting_confirmation" | "batch.confirmed" | "batch.started" | "batch.awaiting_approval" | "batch.approved" | "batch.paused" | "batch.resumed" | "batch.budget_changed" | "batch.blocked" | "batch.unblocked" | "batch.unattended" | "batch.attended" | "batch.failed_over" | "batch.round_opened" | "batch.stopped" | "batch.finishing" | "batch.completed" | "batch.cancelled" | "batch.failed" | "batch.recovered" | "batch.reviewed" | "portrait.failed" | "schedule.missed" | "schedule.paused" | "schedule.resumed" | "schedule.stuck" | "schedule.unstuck" | "webhook.disabled";
            /** @description The batch's state after the event. */
            state: ("ingesting" | "awaiting_confirmation" | "running" | "awaiting_approval" | "paused" | "finishing" | "completed" | "completed_with_failures" | "cancelled" | "failed") | null;
            /** @description By `type`; see docs/api.md. */
            data: {
                [key: string]: unknown;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type KeyLimitsInput = components['schemas']['KeyLimitsInput'];
export type NewKeyInput = components['schemas']['NewKeyInput'];
export type NewLinkInput = components['schemas']['NewLinkInput'];
export type NewScheduleInput = components['schemas']['NewScheduleInput'];
export type NewWebhookInput = components['schemas']['NewWebhookInput'];
export type PortraitReview = components['schemas']['PortraitReview'];
export type FieldError = components['schemas']['FieldError'];
export type Problem = components['schemas']['Problem'];
export type LeftOutPart = components['schemas']['LeftOutPart'];
export type Blocked = components['schemas']['Blocked'];
export type Waiting = components['schemas']['Waiting'];
export type BlockedBatch = components['schemas']['BlockedBatch'];
export type TimeLeft = components['schemas']['TimeLeft'];
export type Review = components['schemas']['Review'];
export type BatchStatus = components['schemas']['BatchStatus'];
export type Operation = components['schemas']['Operation'];
export type Consistency = components['schemas']['Consistency'];
export type Costs = components['schemas']['Costs'];
export type KeyLimits = components['schemas']['KeyLimits'];
export type Key = components['schemas']['Key'];
export type IssuedKey = components['schemas']['IssuedKey'];
export type Lane = components['schemas']['Lane'];
export type Link = components['schemas']['Link'];
export type IssuedLink = components['schemas']['IssuedLink'];
export type Gallery = components['schemas']['Gallery'];
export type OverlappingBatch = components['schemas']['OverlappingBatch'];
export type Overlaps = components['schemas']['Overlaps'];
export type PortraitHistory = components['schemas']['PortraitHistory'];
export type Portrait = components['schemas']['Portrait'];
export type PortraitDetails = components['schemas']['PortraitDetails'];
export type Questions = components['schemas']['Questions'];
export type Quote = components['schemas']['Quote'];
export type RecoveredBatch = components['schemas']['RecoveredBatch'];
export type Difference = components['schemas']['Difference'];
export type ReviewLine = components['schemas']['ReviewLine'];
export type ScheduleRun = components['schemas']['ScheduleRun'];
export type Schedule = components['schemas']['Schedule'];
export type CreatedSchedule = components['schemas']['CreatedSchedule'];
export type ScheduleWithRuns = components['schemas']['ScheduleWithRuns'];
export type OrderedRun = components['schemas']['OrderedRun'];
export type SubmittedBatch = components['schemas']['SubmittedBatch'];
export type Upload = components['schemas']['Upload'];
export type Webhook = components['schemas']['Webhook'];
export type IssuedWebhook = components['schemas']['IssuedWebhook'];
export type WebhookDelivery = components['schemas']['WebhookDelivery'];
export type FeedEvent = components['schemas']['FeedEvent'];
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The API is ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getErrorPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: "invalid_settings" | "invalid_input" | "not_found" | "conflict" | "stale" | "idempotency_key_reused" | "unauthorized" | "forbidden" | "limit_reached" | "storage_not_found" | "storage_denied" | "storage_refused" | "storage_unavailable" | "storage_full" | "storage_invalid" | "overloaded" | "redis_unsuitable" | "redis_unavailable" | "link_expired" | "address_not_allowed" | "remote_refused" | "remote_unavailable" | "tool_missing" | "internal";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A part of the file */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Range Not Satisfiable */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rights */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The key's id, `root` or `local`. */
                        key: string;
                        readonly scopes: ("read" | "submit" | "review" | "manage" | "admin")[];
                        allTenants: boolean;
                        /** @description True if every account is the simulator, so that nothing is paid. */
                        simulated: boolean;
                        /** @description The only batch that a link for a client opens; null for a key. */
                        link: {
                            batch: string;
                            downloads: boolean;
                        } | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    key: string;
                };
            };
        };
        responses: {
            /** @description The key's rights */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The key's id, `root` or `local`. */
                        key: string;
                        readonly scopes: ("read" | "submit" | "review" | "manage" | "admin")[];
                        allTenants: boolean;
                        /** @description True if every account is the simulator, so that nothing is paid. */
                        simulated: boolean;
                        /** @description The only batch that a link for a client opens; null for a key. */
                        link: {
                            batch: string;
                            downloads: boolean;
                        } | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBatches: {
        parameters: {
            query?: {
                limit?: string;
                /** @description `nextCursor` of the previous page, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of batches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        batches: components["schemas"]["BatchStatus"][];
                        /** @description `cursor` of the next page; null at the end. Its text has no meaning for clients. */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    submitBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    source?: string;
                    rows?: {
                        [key: string]: string | number | boolean | null | string[];
                    }[];
                    baseUrl?: string;
                    /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                    manifestSources?: "any" | string[];
                    /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                    carry?: string[];
                    /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                    skipBadRows?: boolean;
                    include?: string[];
                    exclude?: string[];
                    destination: string;
                    template?: string;
                    /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                    overwrite?: boolean | "other-recipe";
                    recipe: {
                        /** @enum {string} */
                        provider?: "each-sense" | "phota";
                        /** @enum {string} */
                        preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        prompt?: string;
                        steps?: ({
                            /** @enum {string} */
                            preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        } | {
                            prompt: string;
                        })[];
                        /** @enum {string} */
                        mode?: "max" | "eco";
                        /** @enum {string} */
                        intensity?: "subtle" | "moderate" | "dramatic";
                        /** @enum {string} */
                        useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                        preserve?: string[];
                        outcome?: string;
                        clarificationAnswer?: string;
                        output?: {
                            /** @enum {string} */
                            format?: "source" | "jpeg" | "png" | "webp" | "jpg";
                            variations?: number;
                            leastShare?: number;
                            deliveries?: {
                                /** @enum {string} */
                                name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                                /** @enum {string} */
                                format?: "jpeg" | "png" | "webp" | "jpg";
                                template?: string;
                            }[];
                        };
                        retry?: {
                            attempts?: number;
                            backoffBaseMs?: number;
                            backoffCapMs?: number;
                        };
                        /** @enum {string} */
                        faces?: "refuse" | "warn" | "off";
                        /** @enum {string} */
                        likeness?: "review" | "strict" | "off";
                    };
                    lane?: string;
                    /** @description Start no portrait before the batch is confirmed. */
                    confirm?: boolean;
                    /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                    pilot?: number;
                    /** @description Maximum cost of the batch in USD, including work in flight. */
                    maxCostUsd?: number;
                    /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                    breaker?: {
                        minimum?: number;
                        failurePercent?: number;
                    } | boolean;
                    /** @description Start portraits only within these hours; requires timeZone. */
                    between?: string;
                    /** @description IANA name of the time zone of `between`. */
                    timeZone?: string;
                    /**
                     * Format: date-time
                     * @description Start no portrait after this time; ISO 8601 with an offset.
                     */
                    deadline?: string;
                    /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                    fallback?: {
                        lane?: string;
                        /** @enum {string} */
                        provider?: "each-sense" | "phota";
                        afterMinutes: number;
                    };
                };
                "multipart/form-data": {
                    /** @description A submission as JSON, instead of plain fields. */
                    submission?: string;
                    /** @description `s3://bucket/prefix/` */
                    destination?: string;
                    /** @description One of the presets, or `prompt`. */
                    preset?: string;
                    /** @description A custom prompt. */
                    prompt?: string;
                    /** @description `eco` or `max`. */
                    mode?: string;
                    intensity?: string;
                    useCase?: string;
                    provider?: string;
                    /** @description Relative sources of the rows are keys under this, and `s3://` and `file://` sources must be under it. */
                    baseUrl?: string;
                    /** @description JSON: prefixes of stores outside of `baseUrl` that rows may name, or `any`. */
                    manifestSources?: string;
                    /** @description Template of the destination key. */
                    template?: string;
                    /** @description Columns to copy to the report unchanged, separated by commas. */
                    carry?: string;
                    name?: string;
                    lane?: string;
                    /** @description A prefix or a manifest in a store, instead of the file. */
                    source?: string;
                    /**
                     * Format: binary
                     * @description CSV or JSONL, of any size; must be the last field.
                     */
                    manifest?: string;
                };
            };
        };
        responses: {
            /** @description The batch of this Idempotency-Key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubmittedBatch"];
                };
            };
            /** @description The accepted batch; `Location` has its URL */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubmittedBatch"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    quoteBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    source?: string;
                    rows?: {
                        [key: string]: string | number | boolean | null | string[];
                    }[];
                    baseUrl?: string;
                    /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                    manifestSources?: "any" | string[];
                    /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                    carry?: string[];
                    /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                    skipBadRows?: boolean;
                    include?: string[];
                    exclude?: string[];
                    destination: string;
                    template?: string;
                    /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                    overwrite?: boolean | "other-recipe";
                    recipe: {
                        /** @enum {string} */
                        provider?: "each-sense" | "phota";
                        /** @enum {string} */
                        preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        prompt?: string;
                        steps?: ({
                            /** @enum {string} */
                            preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        } | {
                            prompt: string;
                        })[];
                        /** @enum {string} */
                        mode?: "max" | "eco";
                        /** @enum {string} */
                        intensity?: "subtle" | "moderate" | "dramatic";
                        /** @enum {string} */
                        useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                        preserve?: string[];
                        outcome?: string;
                        clarificationAnswer?: string;
                        output?: {
                            /** @enum {string} */
                            format?: "source" | "jpeg" | "png" | "webp" | "jpg";
                            variations?: number;
                            leastShare?: number;
                            deliveries?: {
                                /** @enum {string} */
                                name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                                /** @enum {string} */
                                format?: "jpeg" | "png" | "webp" | "jpg";
                                template?: string;
                            }[];
                        };
                        retry?: {
                            attempts?: number;
                            backoffBaseMs?: number;
                            backoffCapMs?: number;
                        };
                        /** @enum {string} */
                        faces?: "refuse" | "warn" | "off";
                        /** @enum {string} */
                        likeness?: "review" | "strict" | "off";
                    };
                    lane?: string;
                    /** @description Start no portrait before the batch is confirmed. */
                    confirm?: boolean;
                    /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                    pilot?: number;
                    /** @description Maximum cost of the batch in USD, including work in flight. */
                    maxCostUsd?: number;
                    /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                    breaker?: {
                        minimum?: number;
                        failurePercent?: number;
                    } | boolean;
                    /** @description Start portraits only within these hours; requires timeZone. */
                    between?: string;
                    /** @description IANA name of the time zone of `between`. */
                    timeZone?: string;
                    /**
                     * Format: date-time
                     * @description Start no portrait after this time; ISO 8601 with an offset.
                     */
                    deadline?: string;
                    /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                    fallback?: {
                        lane?: string;
                        /** @enum {string} */
                        provider?: "each-sense" | "phota";
                        afterMinutes: number;
                    };
                };
                "multipart/form-data": {
                    /** @description A submission as JSON, instead of plain fields. */
                    submission?: string;
                    /** @description `s3://bucket/prefix/` */
                    destination?: string;
                    /** @description One of the presets, or `prompt`. */
                    preset?: string;
                    /** @description A custom prompt. */
                    prompt?: string;
                    /** @description `eco` or `max`. */
                    mode?: string;
                    intensity?: string;
                    useCase?: string;
                    provider?: string;
                    /** @description Relative sources of the rows are keys under this, and `s3://` and `file://` sources must be under it. */
                    baseUrl?: string;
                    /** @description JSON: prefixes of stores outside of `baseUrl` that rows may name, or `any`. */
                    manifestSources?: string;
                    /** @description Template of the destination key. */
                    template?: string;
                    /** @description Columns to copy to the report unchanged, separated by commas. */
                    carry?: string;
                    name?: string;
                    lane?: string;
                    /** @description A prefix or a manifest in a store, instead of the file. */
                    source?: string;
                    /**
                     * Format: binary
                     * @description CSV or JSONL, of any size; must be the last field.
                     */
                    manifest?: string;
                };
            };
        };
        responses: {
            /** @description The quote */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quote"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    quoteAcceptedBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The quote */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quote"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReportCsv: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReportJsonl: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFailuresCsv: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResults: {
        parameters: {
            query?: {
                /** @description `approved`: only results that are currently approved. */
                only?: "all" | "approved";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ZIP */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReviews: {
        parameters: {
            query?: {
                /** @description Only lines with lower numbers. */
                before?: string;
                limit?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        reviews: components["schemas"]["ReviewLine"][];
                        review: components["schemas"]["Review"];
                        /** @description `before` of the next page; null at the end. */
                        nextBefore: number | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reviewPortraits: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    order: "approve" | "reject" | "undo";
                    /** @description Why, for whoever works on it next. */
                    note?: string;
                    /** @description `review.revision` of the batch on which this is based. Defaults to the present one. */
                    revision?: number;
                    /** @description These portraits. */
                    indexes?: number[];
                    /** @description The portraits with these ids of the manifest. */
                    ids?: string[];
                    /** @description All portraits that have a result and match, in order, at most 10000 a request; continue with `cursor`. */
                    where?: {
                        /** @description Results with these decisions. Default: any. */
                        review?: ("undecided" | "approved" | "rejected")[];
                    };
                    /** @description With `where`: `nextCursor` of the previous response. */
                    cursor?: number;
                };
            };
        };
        responses: {
            /** @description What was recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Portraits whose decision was recorded. */
                        recorded: number;
                        /** @description Portraits that already had this decision. */
                        unchanged: number;
                        /** @description The last line added to the log; null if nothing changed. */
                        line: number | null;
                        review: components["schemas"]["Review"];
                        /** @description With `where`: the next page's cursor; null at the end. */
                        nextCursor: number | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deliverApproved: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `s3://bucket/prefix/` or `file:///folder/`. */
                    destination: string;
                    /** @description Names the copies: the result's `{path}`, `{name}` and `{ext}`, `{id}`, `{index}`, and the manifest's columns. Default: the results' names. */
                    template?: string;
                    /**
                     * @description `nextCursor` of the previous response.
                     * @default 0
                     */
                    cursor?: number;
                };
            };
        };
        responses: {
            /** @description What became of the portraits */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Portraits that were copied. */
                        delivered: number;
                        /** @description Portraits whose copies already existed. */
                        unchanged: number;
                        /** @description Portraits whose copies were removed, because they are no longer approved. */
                        removed: number;
                        /** @description Approved portraits with a file that could not be copied, and the reason. */
                        readonly problems: {
                            index: number;
                            id: string | null;
                            message: string;
                        }[];
                        nextCursor: number | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redoPortraits: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description How the new result should differ. */
                    note: string;
                    /** @default false */
                    dryRun?: boolean;
                    /** @description `review.revision` of the batch on which this is based. Defaults to the present one. */
                    revision?: number;
                    /** @description These portraits. */
                    indexes?: number[];
                    /** @description The portraits with these ids of the manifest. */
                    ids?: string[];
                    /** @description All portraits that have a result and match, in order, at most 10000 a request; continue with `cursor`. */
                    where?: {
                        /** @description Results with these decisions. Default: any. */
                        review?: ("undecided" | "approved" | "rejected")[];
                    };
                };
            };
        };
        responses: {
            /** @description What it comes to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        portraits: number;
                        /** @description The price of all portraits; null without a price. */
                        costUsd: number | null;
                        batch: components["schemas"]["BatchStatus"];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startAction: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    action: "retry";
                    recipe?: {
                        /** @enum {string} */
                        preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        prompt?: string;
                        steps?: ({
                            /** @enum {string} */
                            preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        } | {
                            prompt: string;
                        })[];
                        /** @enum {string} */
                        mode?: "max" | "eco";
                        /** @enum {string} */
                        intensity?: "subtle" | "moderate" | "dramatic";
                        /** @enum {string} */
                        useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                        preserve?: string[];
                        outcome?: string;
                        clarificationAnswer?: string;
                        retry?: {
                            attempts?: number;
                            backoffBaseMs?: number;
                            backoffCapMs?: number;
                        };
                        /** @enum {string} */
                        faces?: "refuse" | "warn" | "off";
                        /** @enum {string} */
                        likeness?: "review" | "strict" | "off";
                    };
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                } | {
                    /** @enum {string} */
                    action: "approve";
                    note?: string;
                    /** @description `review.revision` of the batch on which this is based. */
                    revision?: number;
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                } | {
                    /** @enum {string} */
                    action: "reject";
                    note?: string;
                    /** @description `review.revision` of the batch on which this is based. */
                    revision?: number;
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                } | {
                    /** @enum {string} */
                    action: "undo";
                    note?: string;
                    /** @description `review.revision` of the batch on which this is based. */
                    revision?: number;
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                } | {
                    /** @enum {string} */
                    action: "redo";
                    /** @description How the new result should differ. */
                    note: string;
                    /** @description `review.revision` of the batch on which this is based. */
                    revision?: number;
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                } | {
                    /** @enum {string} */
                    action: "deliver";
                    /** @description `s3://bucket/prefix/` or `file:///folder/`. */
                    destination: string;
                    /** @description As in `POST …/deliveries`. */
                    template?: string;
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                } | {
                    /** @enum {string} */
                    action: "answer";
                    answer: string;
                    question?: string;
                    /**
                     * @description Selects portraits by all that is given, as `GET …/portraits` does. Default: all that the action concerns.
                     * @default {}
                     */
                    where?: {
                        state?: ("pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled")[];
                        /** @description Results with these decisions. */
                        review?: ("undecided" | "approved" | "rejected")[];
                        /** @description Portraits with these outcomes. */
                        code?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                        billed?: ("no" | "yes" | "maybe")[];
                        /** @description Portraits that ended in this round; 0 is the first. */
                        round?: number;
                        /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                        q?: string;
                        /** @description Only these. */
                        indexes?: number[];
                    };
                    /** @description Number of portraits that the user saw. The action is refused if another number matches now. */
                    expect?: number;
                    /**
                     * @description Only count the portraits and compute the price.
                     * @default false
                     */
                    dryRun?: boolean;
                };
            };
        };
        responses: {
            /** @description With `dryRun`: what it would come to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Portraits that the action would affect. */
                        matched: number;
                        /** @description Maximum cost if each is paid once; null without a price. */
                        costUsd: number | null;
                    };
                };
            };
            /** @description The operation that carries it out; `Location` has its URL */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recoverBatches: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The destination of the batches' results: `s3://bucket/prefix/`. */
                    destination: string;
                    /** @description Recover only this batch. */
                    batch?: string;
                    /** @description Also rebuild a batch that another Redis seems to have run within the last minutes. If that Redis really runs it, each portrait is paid twice. */
                    thoughItRuns?: boolean;
                };
            };
        };
        responses: {
            /** @description The result for each batch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        batches: components["schemas"]["RecoveredBatch"][];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reconcileBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Also fixes differences that cost nothing to fix. */
                    fix?: boolean;
                };
            };
        };
        responses: {
            /** @description The differences; empty if there are none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        readonly differences: components["schemas"]["Difference"][];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The batch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cleanBatch: {
        parameters: {
            query?: {
                /** @description `delete`: also deletes the report, and paid pictures that could not be stored at their keys. */
                report?: "keep" | "delete";
            };
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was deleted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description Files deleted under `_darkroom/`. */
                        files: number;
                        bytes: number;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getThumbnail: {
        parameters: {
            query: {
                /** @description The photo itself or its enhanced picture. */
                of: "source" | "result";
                /** @description Ignored. The page changes the value when the result may have been replaced. */
                shown?: string;
                /** @description Saves the file instead of showing it. */
                download?: "true";
            };
            header?: never;
            path: {
                id: string;
                index: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": string;
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPicture: {
        parameters: {
            query: {
                /** @description The photo itself or its enhanced picture. */
                of: "source" | "result";
                /** @description Ignored. The page changes the value when the result may have been replaced. */
                shown?: string;
                /** @description Saves the file instead of showing it. */
                download?: "true";
            };
            header?: never;
            path: {
                id: string;
                index: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": string;
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPortraitHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                index: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its history */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortraitHistory"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listQuestions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The open questions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Questions"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answerBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    answer: string;
                    question?: string;
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The empty upload */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The upload */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putPhoto: {
        parameters: {
            query: {
                /** @description The file's name, or its path in a dropped folder. */
                path: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The stored photo */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        path: string;
                        sizeBytes: number;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deletePhoto: {
        parameters: {
            query: {
                /** @description The file's name, or its path in a dropped folder. */
                path: string;
            };
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSamples: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The batches */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Ids. */
                        readonly batches: string[];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Shown in the batch's status. */
                    reason?: string;
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The new budget, also for a running batch; required when the budget paused it. It must be above what is spent and may have been billed. */
                    maxCostUsd?: number;
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Shown in the batch's status. */
                    reason?: string;
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirmBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approveBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    codes?: ("ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal")[];
                    recipe?: {
                        /** @enum {string} */
                        preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        prompt?: string;
                        steps?: ({
                            /** @enum {string} */
                            preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        } | {
                            prompt: string;
                        })[];
                        /** @enum {string} */
                        mode?: "max" | "eco";
                        /** @enum {string} */
                        intensity?: "subtle" | "moderate" | "dramatic";
                        /** @enum {string} */
                        useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                        preserve?: string[];
                        outcome?: string;
                        clarificationAnswer?: string;
                        retry?: {
                            attempts?: number;
                            backoffBaseMs?: number;
                            backoffCapMs?: number;
                        };
                        /** @enum {string} */
                        faces?: "refuse" | "warn" | "off";
                        /** @enum {string} */
                        likeness?: "review" | "strict" | "off";
                    };
                    /** @description The batch's `revision` on which this decision was based. Defaults to the present one. */
                    revision?: number;
                };
            };
        };
        responses: {
            /** @description The batch as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchStatus"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchBatch: {
        parameters: {
            query?: {
                /** @description Sends the events after this `id`; `0`: all kept events. Default: only events from now on. */
                after?: "0" | string;
                /** @description `false` closes the stream after the existing events. Default: true. */
                follow?: "true" | "false";
                /** @description Behaviour of the stream when the batch ends. Default: close. */
                ended?: "close" | "keep";
            };
            header?: {
                /** @description Continues after this `id`. Counts before `after`. */
                "Last-Event-ID"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchEvents: {
        parameters: {
            query?: {
                /** @description Sends the events after this `id`; `0`: all kept events. Default: only events from now on. */
                after?: "0" | string;
                /** @description `false` closes the stream after the existing events. Default: true. */
                follow?: "true" | "false";
            };
            header?: {
                /** @description Continues after this `id`. Counts before `after`. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["FeedEvent"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConsistency: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The comparison */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consistency"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOverlaps: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    source?: string;
                    rows?: {
                        [key: string]: string | number | boolean | null | string[];
                    }[];
                    baseUrl?: string;
                    /** @description Prefixes of stores outside of baseUrl that the manifest's rows may name, or any. For a manifest whose author may read them. */
                    manifestSources?: "any" | string[];
                    /** @description Columns of the manifest or rows to copy to the report unchanged, even if a name is, or resembles, one that Darkroom interprets. */
                    carry?: string[];
                    /** @description Enhance the good rows of a manifest that has bad ones; each bad row ends as invalid_row. Without it such a manifest is refused. */
                    skipBadRows?: boolean;
                    include?: string[];
                    exclude?: string[];
                    destination: string;
                    template?: string;
                    /** @description What else may be replaced at a result's key: false nothing, "other-recipe" what another recipe has made of the same photo, true also another portrait's result and what was not made by Darkroom. A portrait whose key is taken ends as destination_taken, unpaid; with false, a portrait with another recipe's result of its photo is skipped as kept. Without this field, a submission whose first photos have results of another recipe is refused (409). */
                    overwrite?: boolean | "other-recipe";
                    recipe: {
                        /** @enum {string} */
                        provider?: "each-sense" | "phota";
                        /** @enum {string} */
                        preset?: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        prompt?: string;
                        steps?: ({
                            /** @enum {string} */
                            preset: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                        } | {
                            prompt: string;
                        })[];
                        /** @enum {string} */
                        mode?: "max" | "eco";
                        /** @enum {string} */
                        intensity?: "subtle" | "moderate" | "dramatic";
                        /** @enum {string} */
                        useCase?: "headshot" | "linkedin" | "website" | "print" | "social";
                        preserve?: string[];
                        outcome?: string;
                        clarificationAnswer?: string;
                        output?: {
                            /** @enum {string} */
                            format?: "source" | "jpeg" | "png" | "webp" | "jpg";
                            variations?: number;
                            leastShare?: number;
                            deliveries?: {
                                /** @enum {string} */
                                name: "linkedin" | "website" | "resume" | "signature" | "speaker" | "team-page";
                                /** @enum {string} */
                                format?: "jpeg" | "png" | "webp" | "jpg";
                                template?: string;
                            }[];
                        };
                        retry?: {
                            attempts?: number;
                            backoffBaseMs?: number;
                            backoffCapMs?: number;
                        };
                        /** @enum {string} */
                        faces?: "refuse" | "warn" | "off";
                        /** @enum {string} */
                        likeness?: "review" | "strict" | "off";
                    };
                    lane?: string;
                    /** @description Start no portrait before the batch is confirmed. */
                    confirm?: boolean;
                    /** @description Enhance this many portraits first, spread over the batch, then wait for approval. */
                    pilot?: number;
                    /** @description Maximum cost of the batch in USD, including work in flight. */
                    maxCostUsd?: number;
                    /** @description Pauses the batch when too many portraits fail for the same cause; false disables it. */
                    breaker?: {
                        minimum?: number;
                        failurePercent?: number;
                    } | boolean;
                    /** @description Start portraits only within these hours; requires timeZone. */
                    between?: string;
                    /** @description IANA name of the time zone of `between`. */
                    timeZone?: string;
                    /**
                     * Format: date-time
                     * @description Start no portrait after this time; ISO 8601 with an offset.
                     */
                    deadline?: string;
                    /** @description Another lane, or the first lane of another provider, that takes over when this one stays blocked for this long. */
                    fallback?: {
                        lane?: string;
                        /** @enum {string} */
                        provider?: "each-sense" | "phota";
                        afterMinutes: number;
                    };
                };
            };
        };
        responses: {
            /** @description The batches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overlaps"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPortraits: {
        parameters: {
            query?: {
                state?: "pending" | "queued" | "running" | "retrying" | "succeeded" | "skipped" | "failed" | "cancelled";
                /** @description Only portraits with a result and this decision. */
                review?: "undecided" | "approved" | "rejected";
                /** @description Only portraits with this outcome. */
                code?: "ok" | "already_delivered" | "kept" | "invalid_row" | "source_missing" | "source_unreadable" | "source_not_allowed" | "invalid_image" | "unsupported_format" | "too_large" | "too_small" | "no_face" | "content_policy" | "invalid_request" | "needs_clarification" | "no_output" | "unchanged_output" | "blank_output" | "corrupt_output" | "result_unavailable" | "source_changed" | "shared_picture" | "not_alike" | "destination_taken" | "timeout" | "provider_error" | "answer_lost" | "worker_died" | "unstorable_name" | "storage_error" | "cancelled" | "cancelled_in_flight" | "over_budget" | "deadline_passed" | "internal";
                /** @description Only portraits with one of these outcomes in their latest round. */
                billed?: "no" | "yes" | "maybe";
                /** @description Only portraits with this text, in any case, in their id, source, name or columns. */
                q?: string;
                /** @description Only portraits that ended in this round; 0 is the first. */
                round?: string;
                /** @description `nextCursor` of the previous page, with the same filters. */
                cursor?: string;
                limit?: string;
                /** @description Only these portraits, at most 200; the other parameters are then ignored. */
                indexes?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of portraits */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        portraits: components["schemas"]["Portrait"][];
                        /** @description `cursor` of the next page; null at the end. A page may be short, or empty, and still have a next one. */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPortrait: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                index: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The portrait */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortraitDetails"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPortraitStates: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The map */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Unchanged */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPresets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The names */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        presets: {
                            /** @enum {string} */
                            name: "skin-smoothing" | "teeth-whitening" | "eye-enhancement" | "blemish-removal" | "lighting-adjustment" | "background-blur" | "hair-enhancement" | "makeup-enhancement" | "age-reduction" | "professional-polish";
                            title: string;
                            /** @description The look of pictures with this preset. */
                            outcome: string;
                        }[];
                        modes: ("max" | "eco")[];
                        intensities: ("subtle" | "moderate" | "dramatic")[];
                        /** @enum {string} */
                        defaultIntensity: "subtle" | "moderate" | "dramatic";
                        useCases: ("headshot" | "linkedin" | "website" | "print" | "social")[];
                        /** @enum {string} */
                        defaultUseCase: "headshot" | "linkedin" | "website" | "print" | "social";
                        /** @description The configured providers. */
                        providers: ("each-sense" | "phota")[];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                limit?: string;
                /** @description `nextCursor` of the previous page, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        keys: components["schemas"]["Key"][];
                        /** @description `cursor` of the next page; null at the end. Its text has no meaning for clients. */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKeyInput"];
            };
        };
        responses: {
            /** @description The key */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedKey"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description How long the former secret remains valid.
                     * @default 86400
                     */
                    graceSeconds?: number;
                };
            };
        };
        responses: {
            /** @description The key with its new secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedKey"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLinks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The links */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first, at most 200. */
                        links: components["schemas"]["Link"][];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createLink: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLinkInput"];
            };
        };
        responses: {
            /** @description The link */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedLink"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeLink: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
                link: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Link"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getGallery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The batch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Gallery"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhooks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        webhooks: components["schemas"]["Webhook"][];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhookInput"];
            };
        };
        responses: {
            /** @description The webhook */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedWebhook"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description An `https://` URL in a public network. */
                    url?: string;
                    description?: string | null;
                    /** @description Null for the default. */
                    events?: ("batch.accepted" | "batch.source_read" | "batch.awaiting_confirmation" | "batch.confirmed" | "batch.started" | "batch.awaiting_approval" | "batch.approved" | "batch.paused" | "batch.resumed" | "batch.budget_changed" | "batch.blocked" | "batch.unblocked" | "batch.unattended" | "batch.attended" | "batch.failed_over" | "batch.round_opened" | "batch.stopped" | "batch.finishing" | "batch.completed" | "batch.cancelled" | "batch.failed" | "batch.recovered" | "batch.reviewed" | "portrait.failed" | "schedule.missed" | "schedule.paused" | "schedule.resumed" | "schedule.stuck" | "schedule.unstuck" | "webhook.disabled")[] | null;
                    /** @description Whether events are sent. Pending messages are sent when it is enabled again. */
                    enabled?: boolean;
                    /** @description True to drop all pending messages and send only later events. */
                    skipWaiting?: boolean;
                };
            };
        };
        responses: {
            /** @description The webhook as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook was deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description How long deliveries are also signed with the former secret.
                     * @default 86400
                     */
                    graceSeconds?: number;
                };
            };
        };
        responses: {
            /** @description The webhook with its new secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedWebhook"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                limit?: string;
                /** @description `nextCursor` of the previous page, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of attempts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Attempts, newest first. */
                        deliveries: components["schemas"]["WebhookDelivery"][];
                        /** @description `cursor` of the next page; null at the end. Its text has no meaning for clients. */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resendWebhookDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is sent soon */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The `webhook-id` of the delivery. */
                        message: string;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resendWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Sends all kept events from this time on again.
                     */
                    since: string;
                };
            };
        };
        responses: {
            /** @description The webhook */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is sent soon */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The `webhook-id` of the delivery. */
                        message: string;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLanes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lanes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lanes: components["schemas"]["Lane"][];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unblockLane: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The lane as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lane"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCosts: {
        parameters: {
            query?: {
                /** @description The first day, in UTC. Defaults to 30 days up to `to`. */
                from?: string;
                /** @description The last day, in UTC. Defaults to today. */
                to?: string;
                /** @description The grouping of the sums. */
                by?: "day" | "lane" | "batch";
                /** @description Include the simulator's lanes, whose calls cost nothing. */
                simulated?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The costs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Costs"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSchedules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All schedules */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        schedules: components["schemas"]["Schedule"][];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewScheduleInput"];
            };
        };
        responses: {
            /** @description The schedule */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedSchedule"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleWithRuns"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule was deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Shown with the schedule. */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description The schedule as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text chosen by the client; a new one for each new request. A repeated request gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run was requested */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderedRun"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Insufficient Storage */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
