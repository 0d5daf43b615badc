/** Links from share buttons, which lead to a web page around the photo instead of its bytes. */
const PAGES: readonly { readonly service: string; readonly host: RegExp; readonly path?: RegExp }[] = [
  { service: "Google Drive", host: /^drive\.google\.com$/, path: /^\/(?:file\/|drive\/|open$)/ },
  { service: "Google Photos", host: /^photos\.(?:google\.com|app\.goo\.gl)$/ },
  { service: "a Google document", host: /^docs\.google\.com$/ },
  { service: "OneDrive", host: /^1drv\.ms$/ },
  { service: "iCloud", host: /^(?:www|share)\.icloud\.com$/ },
  { service: "WeTransfer", host: /^(?:we\.tl|wetransfer\.com)$/ },
];

/** Returns the service whose web page a link leads to; undefined for a possible photo. */
export function pageLinkOf({ hostname, pathname, searchParams }: URL): string | undefined {
  if (hostname === "www.dropbox.com") {
    return searchParams.get("dl") === "1" || searchParams.get("raw") === "1" ? undefined : "Dropbox";
  }
  return PAGES.find(({ host, path }) => host.test(hostname) && (path === undefined || path.test(pathname)))?.service;
}
