import { randomUUID } from "node:crypto";
import { rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { readEngineSettings } from "@darkroom/config";
import { messageOf, type ObjectStore } from "@darkroom/core";
import { openStores, toStoreUrl } from "@darkroom/storage";
import { withoutOwnTwin, type CliEnv } from "../environment/env.ts";
import { findStack } from "../local-stack/stack-file.ts";
import { ANSWER_WITHIN_MS, statusOf } from "./ask-server.ts";
import { failed, ok, warning, type CheckResult } from "./check-result.ts";
import { readable } from "./doctor-settings.ts";

/** A store to check. */
export interface Place {
  /** As typed by a user: a folder, or `s3://bucket/prefix/`. */
  readonly url: string;
  /** True for a source, which the check must not write to. */
  readonly isSourceOnly: boolean;
}

/** Checks a location from the process that will use it: the stack of this folder, or the command itself. */
export async function checkStore(env: CliEnv, place: Place | undefined): Promise<readonly CheckResult[] | CheckResult> {
  if (place === undefined) {
    const { endpoint } = readable(env).s3 ?? {};
    if (endpoint === undefined) return ok("not checked: name a location, such as darkroom doctor s3://bucket/");
    return await checkEndpoint(env, endpoint);
  }
  const stack = env.apiUrl === undefined ? (await findStack(env.dataDir, 0))?.stack : undefined;
  const roots = { DARKROOM_LOCAL_ROOTS: stack?.localRoots ?? "any" };
  const { s3, local, proxy } = readEngineSettings({ ...withoutOwnTwin(env), ...roots });
  const stores = openStores({ s3, local, proxy });
  const url = toStoreUrl(place.url, env.cwd);
  const path = url.startsWith("file:") ? fileURLToPath(url) : undefined;
  const missing = path === undefined ? undefined : await firstMissing(path);
  try {
    if (path !== undefined && missing !== undefined && place.isSourceOnly) {
      return failed(`there is no ${path}: name a folder that exists`);
    }
    const store = stores.open(url);
    const read = await lookInto(store, place.isSourceOnly);
    if (place.isSourceOnly) return read;
    const written = await tryWriting(store, missing !== undefined);
    return missing === undefined ? [read, written] : written;
  } catch (error) {
    const whose = stack === undefined ? "" : ` (as the stack that runs here sees it: ${stack.apiUrl})`;
    return failed(`${messageOf(error)}${whose}`);
  } finally {
    await stores.close();
    if (path !== undefined && missing !== undefined) await removeEmpty(path, missing);
  }
}

/** Returns the topmost missing folder of a path; undefined if all exist. */
async function firstMissing(path: string): Promise<string | undefined> {
  let missing: string | undefined;
  for (let at = dirname(`${path}/.`); (await stat(at).catch(isAbsent)) === undefined; at = dirname(at)) missing = at;
  return missing;
}

/** A folder that is unreadable for another reason exists. */
function isAbsent(error: NodeJS.ErrnoException): "there" | undefined {
  return error.code === "ENOENT" || error.code === "ENOTDIR" ? undefined : "there";
}

/** Removes a folder that the check created, and its empty parents up to `upTo`. */
async function removeEmpty(path: string, upTo: string): Promise<void> {
  for (let at = dirname(`${path}/.`); at.startsWith(upTo); at = dirname(at)) {
    const isGone = await rmdir(at).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
    if (!isGone) return;
  }
}

async function checkEndpoint(env: CliEnv, endpoint: string): Promise<CheckResult> {
  try {
    const statusCode = await statusOf(new URL(endpoint), readable(env).proxy ?? {});
    if (statusCode >= 500) return failed(`AWS_ENDPOINT_URL_S3 answers ${statusCode}`);
    return ok("AWS_ENDPOINT_URL_S3 answers; name a bucket to try the keys: darkroom doctor s3://bucket/");
  } catch (error) {
    return failed(`AWS_ENDPOINT_URL_S3 does not answer: ${messageOf(error)}`);
  }
}

async function lookInto(store: ObjectStore, isSource: boolean): Promise<CheckResult> {
  for await (const { key } of store.list({ signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })) {
    return ok(`${store.url} can be listed; it begins with ${key}`);
  }
  const found = `${store.url} can be listed; it is empty`;
  return isSource ? warning(`${found}: a batch of it would have no portraits`) : ok(found);
}

/**
 * Puts a small object and deletes it. Results need write permission, and the end of a batch needs delete permission.
 */
async function tryWriting(store: ObjectStore, isNew: boolean): Promise<CheckResult> {
  const key = `darkroom-doctor-${randomUUID()}.txt`;
  try {
    await store.put(key, Buffer.from("written by darkroom doctor\n"), { contentType: "text/plain" });
  } catch (error) {
    return failed(`${store.url} cannot be written, so it can only be a source (add --source): ${messageOf(error)}`);
  }
  try {
    await store.delete(key);
    return ok(
      isNew
        ? `${store.url} does not exist yet, but can be created and written: both were tried and undone`
        : `${store.url} can be written: a file was written and deleted again`,
    );
  } catch (error) {
    return warning(
      `${store.url} can be written, but nothing can be deleted there: ${messageOf(error)}. Delete ${key} yourself; pictures that are converted for the provider would also stay there.`,
    );
  }
}
