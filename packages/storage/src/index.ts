export { verifyLink, type LinkTarget } from "./links.ts";
export { openStores, type Stores } from "./open-stores.ts";
export type { S3Settings } from "./s3-client.ts";
export { realFolderOf } from "./local-folder.ts";
export { isSameStore, objectName, placeMark, replacesPhoto } from "./same-object.ts";
export { joinUrl, splitObjectUrl, toStoreUrl } from "./urls.ts";
export { compareUtf8 } from "./utf8-order.ts";
export { probeWrites, SMALL_PROBE_BYTES } from "./write-probe.ts";
