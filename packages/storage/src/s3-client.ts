import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { proxyFor, USER_AGENT, type ProxySettings } from "@darkroom/web-fetch";

/** The SDK's default, 50, would throttle a lane of several hundred portraits. */
const DEFAULT_MAX_SOCKETS = 1_024;
const DEFAULT_REGION = "us-east-1";
/** Timeout for a connection attempt, after which the store counts as unavailable. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Maximum silence of a socket during a request, including pauses of a slow reader. */
const SOCKET_TIMEOUT_MS = 120_000;

export interface S3Settings {
  /** Defaults to the AWS endpoint of the region. */
  readonly endpoint?: string | undefined;
  /** Defaults to `us-east-1` with an endpoint, otherwise to the SDK's chain (environment, profile). */
  readonly region?: string | undefined;
  /** Unless both keys are set, the SDK's chain applies: environment, profile, instance or pod role. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  /** Uses `endpoint/bucket/key` instead of `bucket.endpoint/key`. Defaults to true with an endpoint. */
  readonly forcePathStyle?: boolean | undefined;
  /** `WHEN_SUPPORTED` sends checksums that many S3-compatible stores reject. Defaults to `WHEN_REQUIRED`. */
  readonly requestChecksumCalculation?: "WHEN_REQUIRED" | "WHEN_SUPPORTED" | undefined;
  /** Limit of concurrent connections to the store. Defaults to 1,024. */
  readonly maxSockets?: number | undefined;
  /** Host of presigned links, if others reach the store under a different name than Darkroom. */
  readonly linkEndpoint?: string | undefined;
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
}

/** The SDK does not log, because its errors are thrown. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Creates a client, which the caller destroys. */
export function createS3Client(settings: S3Settings, endpoint = settings.endpoint): S3Client {
  const checksums = settings.requestChecksumCalculation ?? "WHEN_REQUIRED";
  const maxSockets = settings.maxSockets ?? DEFAULT_MAX_SOCKETS;
  const region = settings.region ?? (endpoint === undefined ? undefined : DEFAULT_REGION);
  const proxyEnv = proxyEnvOf(settings.proxy ?? {}, endpoint);
  const config: S3ClientConfig = {
    forcePathStyle: settings.forcePathStyle ?? endpoint !== undefined,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    // The SDK would open a new connection for every larger upload to wait for "100 Continue".
    expectContinueHeader: false,
    followRegionRedirects: endpoint === undefined,
    maxAttempts: 3,
    customUserAgent: USER_AGENT,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      socketAcquisitionWarningTimeout: SOCKET_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets, proxyEnv },
      httpsAgent: { keepAlive: true, maxSockets, proxyEnv },
    },
  };
  if (region !== undefined) config.region = region;
  if (endpoint !== undefined) config.endpoint = endpoint;
  if (settings.accessKeyId !== undefined && settings.secretAccessKey !== undefined) {
    config.credentials = {
      accessKeyId: settings.accessKeyId,
      secretAccessKey: settings.secretAccessKey,
      ...(settings.sessionToken === undefined ? {} : { sessionToken: settings.sessionToken }),
    };
  }
  return new S3Client(config);
}

/**
 * Represents any AWS host: the SDK derives hosts from bucket and region, and Node's agent checks `NO_PROXY` for each.
 */
const AWS_HOST = "https://s3.amazonaws.com";

/** Returns proxy variables for Node's agent; none when the endpoint is reached directly. */
function proxyEnvOf(proxy: ProxySettings, endpoint: string | undefined): Record<string, string> {
  const uri = proxyFor(proxy, new URL(endpoint ?? AWS_HOST));
  if (uri === undefined) return {};
  return { HTTP_PROXY: uri, HTTPS_PROXY: uri, NO_PROXY: (proxy.bypass ?? []).join(",") };
}
