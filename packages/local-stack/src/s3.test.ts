import { expect, test } from "vitest";
import { findOrStartS3 } from "./s3.ts";
import { httpAnswers } from "./s3-server.ts";

test("uses a given server", async () => {
  const keys = { accessKeyId: "id", secretAccessKey: "secret" };
  const server = await findOrStartS3({ endpoint: "http://127.0.0.1:1", region: "here", ...keys, log: console.error });
  expect(server).toMatchObject({ endpoint: "http://127.0.0.1:1", region: "here", forcePathStyle: true, ...keys });
});

test("rejects a given server without keys, naming the variables", async () => {
  const server = await findOrStartS3({ endpoint: "http://127.0.0.1:1", log: console.error });
  expect(server).toEqual({ unavailable: expect.stringContaining("AWS_SECRET_ACCESS_KEY") });
});

test("a started server answers until it is closed", async () => {
  const server = await findOrStartS3({ log: console.error });
  if ("unavailable" in server) throw new Error(server.unavailable);
  try {
    expect(await httpAnswers(server.endpoint)).toBe(true);
  } finally {
    await server.close();
  }
  await server.close();
  expect(await httpAnswers(server.endpoint)).toBe(false);
});
