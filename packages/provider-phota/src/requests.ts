import { base64Body, type EnhanceRequest, type HttpRequest } from "@darkroom/provider-kit";

/** How a result arrives: as signed URLs that are valid for a day, or as base64 within the answer. */
export const RESPONSE_MODES = ["urls", "bytes"] as const;

export type ResponseMode = (typeof RESPONSE_MODES)[number];

/** Base URL and credentials of an account. */
export interface Endpoint {
  /** The scheme and host of the base URL. */
  readonly origin: string;
  /** Without a trailing slash; usually empty. */
  readonly basePath: string;
  readonly apiKey: string;
  readonly responseMode: ResponseMode;
}

/** An id that no profile has. */
const NOBODY = "00000000-0000-4000-8000-000000000000";

/**
 * Builds the only paid request (provider contract B). Always includes the format, because the default has changed
 * before.
 */
export function enhanceRequest(endpoint: Endpoint, request: EnhanceRequest): HttpRequest {
  const { prompt, profileIds = [], variations = 1, outputFormat = "jpeg", imageUrl, imageBytes } = request;
  const rest = {
    prompt,
    ...(profileIds.length === 0 ? {} : { profile_ids: profileIds }),
    num_output_images: variations,
    output_format: outputFormat === "png" ? "png" : "jpg",
    response_mode: endpoint.responseMode,
  };
  return {
    method: "POST",
    origin: endpoint.origin,
    path: `${endpoint.basePath}/v1/phota/enhance`,
    headers: { ...headers(endpoint), "content-type": "application/json" },
    body:
      imageBytes === undefined ? JSON.stringify({ image: imageUrl, ...rest }) : base64Body("image", imageBytes, rest),
  };
}

/** Builds a free request: the training status of a profile that does not exist. */
export function healthRequest(endpoint: Endpoint): HttpRequest {
  return {
    method: "GET",
    origin: endpoint.origin,
    path: `${endpoint.basePath}/v1/phota/profiles/${NOBODY}/status`,
    headers: headers(endpoint),
  };
}

function headers({ apiKey }: Endpoint): Record<string, string> {
  return { accept: "application/json", "x-api-key": apiKey };
}
