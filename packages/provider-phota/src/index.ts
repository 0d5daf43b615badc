export { createPhota, PHOTA_ACCEPTS, type PhotaOptions } from "./phota.ts";
export { RESPONSE_MODES, type ResponseMode } from "./requests.ts";
