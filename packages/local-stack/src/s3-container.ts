import { DarkroomError } from "@darkroom/core";
import { httpAnswers, newCredentials, type S3Server } from "./s3-server.ts";
import { waitUntil } from "./wait-until.ts";

const IMAGE = "chrislusf/seaweedfs:4.47";
const PORT = 8333;
const CONFIG_PATH = "/etc/seaweedfs/s3.json";
const START_TIMEOUT_MS = 180_000;
const END_GRACE_MS = 5_000;

/** Starts SeaweedFS in a container, which is removed with its data. */
export async function startS3Container(): Promise<S3Server> {
  // Imported dynamically, because the module is large and most runs never need it.
  const { GenericContainer, Wait } = await import("testcontainers");
  const { accessKeyId, secretAccessKey } = newCredentials();
  const identity = {
    name: "darkroom",
    credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }],
    actions: ["Admin", "Read", "Write", "List", "Tagging"],
  };
  const started = await new GenericContainer(IMAGE)
    .withCopyContentToContainer([{ content: JSON.stringify({ identities: [identity] }), target: CONFIG_PATH }])
    // SeaweedFS gives each bucket several volumes, so the volumes must be small and many.
    .withCommand([
      "server",
      "-dir=/data",
      "-master.volumeSizeLimitMB=64",
      "-volume.max=500",
      "-s3",
      `-s3.port=${PORT}`,
      `-s3.config=${CONFIG_PATH}`,
    ])
    .withExposedPorts(PORT)
    .withStartupTimeout(START_TIMEOUT_MS)
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  const close = async (): Promise<void> => void (await started.stop({ timeout: END_GRACE_MS }));
  const endpoint = `http://${started.getHost()}:${started.getMappedPort(PORT)}`;
  if (!(await waitUntil(() => httpAnswers(endpoint), START_TIMEOUT_MS, 200))) {
    await close();
    throw new DarkroomError("storage_unavailable", `${IMAGE} runs in Docker, but its S3 port does not answer.`);
  }
  return {
    endpoint,
    region: "us-east-1",
    accessKeyId,
    secretAccessKey,
    forcePathStyle: true,
    how: `SeaweedFS in Docker (${IMAGE})`,
    close,
  };
}
