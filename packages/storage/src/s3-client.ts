import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { proxyFor, USER_AGENT, type ProxySettings } from "@darkroom/web-fetch";

/** The SDK's own default, 50, would throttle a lane of some hundred portraits. */
const DEFAULT_MAX_SOCKETS = 1_024;
const DEFAULT_REGION = "us-east-1";
/** Time to open a connection; the store counts as unavailable after it. */
const CONNECT_TIMEOUT_MS = 5_000;
/** The longest silence of a socket in the middle of a request, a slow reader's pauses included. */
const SOCKET_TIMEOUT_MS = 120_000;

export interface S3Settings {
  /** Defaults to AWS's own endpoint of the region. */
  readonly endpoint?: string | undefined;
  /** Defaults to `us-east-1` with an endpoint, to the SDK's own chain (environment, profile) without. */
  readonly region?: string | undefined;
  /** Without both keys the SDK's own chain is used: environment, profile, instance or pod role. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`. Defaults to true when an endpoint is given. */
  readonly forcePathStyle?: boolean | undefined;
  /** `WHEN_SUPPORTED` sends checksums that many S3-compatible stores refuse. Defaults to `WHEN_REQUIRED`. */
  readonly requestChecksumCalculation?: "WHEN_REQUIRED" | "WHEN_SUPPORTED" | undefined;
  /** The most connections to the store at once. Defaults to 1,024. */
  readonly maxSockets?: number | undefined;
  /** The host of presigned links, where others reach the store by another name than Darkroom does. */
  readonly linkEndpoint?: string | undefined;
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
}

/** What goes wrong is thrown; the SDK has nothing to add on the console. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** A client for `settings`; the caller destroys it. */
export function createS3Client(settings: S3Settings, endpoint = settings.endpoint): S3Client {
  const checksums = settings.requestChecksumCalculation ?? "WHEN_REQUIRED";
  const maxSockets = settings.maxSockets ?? DEFAULT_MAX_SOCKETS;
  const region = settings.region ?? (endpoint === undefined ? undefined : DEFAULT_REGION);
  const proxyEnv = proxyEnvOf(settings.proxy ?? {}, endpoint);
  const config: S3ClientConfig = {
    forcePathStyle: settings.forcePathStyle ?? endpoint !== undefined,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    // Waiting for "100 Continue" would open a new connection for every larger upload.
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

/** Any host of AWS: its own hosts are named after bucket and region, and `NO_PROXY` is asked of each by Node's agent. */
const AWS_HOST = "https://s3.amazonaws.com";

/** The proxies as Node's agent takes them; none where the endpoint is reached directly. */
function proxyEnvOf(proxy: ProxySettings, endpoint: string | undefined): Record<string, string> {
  const uri = proxyFor(proxy, new URL(endpoint ?? AWS_HOST));
  if (uri === undefined) return {};
  return { HTTP_PROXY: uri, HTTPS_PROXY: uri, NO_PROXY: (proxy.bypass ?? []).join(",") };
}
