import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readEnv as readTwinEnv } from "../apps/twin/src/env.ts";
import { readEngineSettings, SETTINGS } from "../packages/config/src/index.ts";
import { testS3 } from "../packages/testkit/src/index.ts";
import { composeServices, composeText, imageTargets, type ComposeService } from "./container-files.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The API serves the page's files, so the page has no image. */
const apps = readdirSync(`${root}/apps`).filter((name) => existsSync(`${root}/apps/${name}/src/main.ts`));
const engine = ["api", "producer", "worker"];
/** Time after its grace period at which the worker's main forces the process to exit. */
const FORCED_END_MS = 10_000;

function service(name: string): ComposeService {
  const found = composeServices().get(name);
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

test("every app has an image that runs its entry file as a non-root user", () => {
  const targets = imageTargets();
  for (const app of apps) {
    const lines = targets.get(app);
    if (lines === undefined) throw new Error(`infra/docker/Dockerfile has no target ${app}`);
    const text = lines.join("\n");
    expect(text, app).toContain(`apps/${app}/src/main.ts`);
    expect(existsSync(`${root}/apps/${app}/src/main.ts`), `apps/${app}/src/main.ts`).toBe(true);
    expect(
      lines.findLast((line) => line.startsWith("USER ")),
      app,
    ).toBe("USER 1000:1000");
    expect(text, app).toContain(`COPY --from=build-${app} /out /app`);
    expect(targets.get(`build-${app}`), app).toContain(`RUN sh infra/docker/install-app.sh ${app}`);
  }
});

test("the images have the pinned pnpm, Node 24, SIGTERM and production settings", () => {
  const dockerfile = readFileSync(`${root}/infra/docker/Dockerfile`, "utf8");
  const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { packageManager: string };
  expect(`pnpm@${/^ARG PNPM_VERSION=(\S+)$/m.exec(dockerfile)?.[1]}`).toBe(packageManager);
  expect(dockerfile).toContain("ARG NODE_IMAGE=node:24-bookworm-slim\n");
  expect(imageTargets().get("base")).toEqual(expect.arrayContaining(["ENV NODE_ENV=production", "STOPSIGNAL SIGTERM"]));
});

test("a layer contains nothing but the workspace, and no secret", () => {
  const ignored = readFileSync(`${root}/.dockerignore`, "utf8").split("\n");
  expect(ignored.find((line) => line !== "" && !line.startsWith("#"))).toBe("*");
  expect(ignored).toEqual(expect.arrayContaining(["**/node_modules", "**/.env*"]));
  // This folder contains the tests' shorter times.
  expect(ignored).toEqual(expect.arrayContaining(["packages/*/test", "apps/*/test"]));
  const secrets = Object.entries(SETTINGS).flatMap(([name, { kind }]) => (kind === "secret" ? [name] : []));
  const dockerfile = readFileSync(`${root}/infra/docker/Dockerfile`, "utf8");
  expect(secrets.filter((name) => dockerfile.includes(name))).toEqual([]);
});

test("every container of compose runs as non-root", () => {
  for (const [name, { text }] of composeServices()) {
    const user = /^ {4}user: "?([^"\n]+)"?$/m.exec(text)?.[1];
    expect(user, name).toMatch(/^(redis|[1-9]\d*:[1-9]\d*)$/);
  }
});

test("compose runs all of Darkroom, each app from its own target", () => {
  expect([...composeServices().keys()].sort()).toEqual(["api", "bucket", "producer", "redis", "s3", "twin", "worker"]);
  for (const app of [...engine, "twin"]) expect(service(app).text).toContain(`target: ${app}\n`);
});

test("compose sets only variables that the apps read", () => {
  const twinSource = readFileSync(`${root}/apps/twin/src/env.ts`, "utf8");
  const twinNames = new Set(twinSource.match(/\bDARKROOM_TWIN_[A-Z_]+(?=:)/g));
  for (const name of [...engine, "bucket"]) {
    expect(Object.keys(service(name).environment).filter((key) => !Object.hasOwn(SETTINGS, key))).toEqual([]);
  }
  expect(Object.keys(service("twin").environment).filter((key) => !twinNames.has(key))).toEqual([]);
});

test("the apps accept their settings, and they fit together", () => {
  const twin = readTwinEnv(service("twin").environment);
  expect(twin.host).toBe("0.0.0.0");
  for (const name of engine) {
    const settings = readEngineSettings(service(name).environment);
    expect(settings.providers).toMatchObject({
      twin: true,
      accounts: [
        { provider: "each-sense", apiKey: twin.apiKey, baseUrl: `http://twin:${twin.port}` },
        { provider: "phota", apiKey: twin.apiKey, baseUrl: `http://twin:${twin.port}` },
      ],
    });
    expect(settings.redis.url).toBe("redis://redis:6379");
    expect(settings.s3).toMatchObject({
      endpoint: "http://s3:8333",
      accessKeyId: service("s3").environment["AWS_ACCESS_KEY_ID"],
      secretAccessKey: service("s3").environment["AWS_SECRET_ACCESS_KEY"],
    });
  }
});

test("the API listens beyond loopback and requires a key that the user must set", () => {
  const { api } = readEngineSettings(service("api").environment);
  expect(api).toMatchObject({ host: "0.0.0.0", port: 8080 });
  expect(service("api").text).toMatch(/DARKROOM_API_KEY: \$\{DARKROOM_API_KEY:\?.+\}/);
});

test("the worker is killed only after its grace period and its own forced exit", () => {
  const { graceMs } = readEngineSettings(service("worker").environment).timing;
  const killMs = Number(/stop_grace_period: (\d+)s/.exec(service("worker").text)?.[1]) * 1_000;
  expect(killMs).toBeGreaterThan(graceMs + FORCED_END_MS);
});

test("Redis keeps an append-only file and evicts nothing", () => {
  const { text } = service("redis");
  expect(text).toMatch(/- --appendonly\n\s+- "yes"\n/);
  expect(text).toMatch(/- --maxmemory-policy\n\s+- noeviction\n/);
  expect(text).toContain("redis-data:/data");
});

test("docker-compose accepts the file with an API key, and requires one", () => {
  const { DARKROOM_API_KEY: _, ...environment } = process.env;
  const folder = mkdtempSync(join(tmpdir(), "darkroom-compose-"));
  // A user's own .env in the checkout would override the environment.
  const emptyEnv = join(folder, "empty.env");
  writeFileSync(emptyEnv, "");
  const config = (env: NodeJS.ProcessEnv) =>
    spawnSync("docker-compose", ["--env-file", emptyEnv, "config", "-q"], { cwd: root, env, encoding: "utf8" });
  try {
    const accepted = config({ ...environment, DARKROOM_API_KEY: "given" });
    if (accepted.error !== undefined) {
      console.log(`docker-compose could not be run (${accepted.error.message}): only the text is checked.`);
      expect(composeText()).not.toContain("\t");
      return;
    }
    expect({ status: accepted.status, stderr: accepted.stderr }).toEqual({ status: 0, stderr: "" });
    const refused = config(environment);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain("openssl rand -hex 24");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the one-shot step creates a bucket, idempotently", () => {
  const s3 = testS3();
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  const bucket = `compose-${randomUUID()}`;
  const create = (secret = s3.secretAccessKey, ...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ["infra/docker/create-bucket.mjs", ...args], {
      cwd: root,
      env: { ...env, AWS_SECRET_ACCESS_KEY: secret },
      encoding: "utf8",
    });
  for (const _ of ["new", "there"]) {
    expect(create(s3.secretAccessKey, bucket)).toMatchObject({ status: 0, stdout: `The bucket ${bucket} is there.\n` });
  }
  expect(create("wrong", bucket).status).toBe(1);
  expect(create()).toMatchObject({ status: 1, stderr: "Name the bucket: create-bucket.mjs photos\n" });
});
