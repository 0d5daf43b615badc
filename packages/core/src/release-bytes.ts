/**
 * Frees a buffer's memory at once and leaves the buffer empty. Without this, the memory is freed only by a garbage
 * collection of the whole heap, which V8 runs after every 64 MiB of new buffers, that is, once per few large pictures.
 *
 * Only the owner of a buffer may call this function, and only after every decoder and every write of the buffer has
 * ended. A later read would access freed memory. Does not free a buffer that shares its memory with others.
 */
export function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
