/**
 * Frees a buffer's memory at once; the buffer is empty afterwards. Otherwise the memory stays until V8 collects, and
 * V8 collects the whole heap after 64 MiB of new buffers, which is every few large pictures.
 *
 * Only the owner of a buffer may call it, and only after every decoder and every write that reads the buffer has ended:
 * those read freed memory otherwise. Leaves a buffer alone that shares its memory with others.
 */
export function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
