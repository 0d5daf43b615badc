export { createPhota, DEFAULT_BASE_URL, PHOTA_ACCEPTS, type PhotaOptions } from "./phota.ts";
export { RESPONSE_MODES, type ResponseMode } from "./requests.ts";
