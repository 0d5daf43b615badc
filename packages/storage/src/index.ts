export { verifyLink, type LinkTarget } from "./links.ts";
export { openStores, type LocalSettings, type Stores, type StoreSettings } from "./open-stores.ts";
export { createS3Bucket } from "./s3-bucket.ts";
export { DEFAULT_MAX_SOCKETS, type S3Settings } from "./s3-client.ts";
export { realFolderOf } from "./local-folder.ts";
export { isSameStore, objectName, placeMark, replacesPhoto } from "./same-object.ts";
export { joinUrl, parseStoreUrl, splitObjectUrl, toObjectUrl, toStoreUrl, type StoreLocation } from "./urls.ts";
export { compareUtf8 } from "./utf8-order.ts";
export { probeWrites, SMALL_PROBE_BYTES, WRITE_PROBE_NAME } from "./write-probe.ts";
