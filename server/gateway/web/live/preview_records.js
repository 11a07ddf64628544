// The records of preview.h264; the gateway's README describes them.

const HEADER_BYTES = 56;
const FIRST_BUFFER_BYTES = 1 << 18;
const KEY_FLAG = 1;

export const START = 1;
export const PICTURE = 2;
export const ERROR = 3;

/**
 * @typedef {object} PreviewRecord
 * @property {number} kind START, PICTURE or ERROR
 * @property {boolean} key decoding can start here
 * @property {number} sequence number of the picture
 * @property {number} pts session time in microseconds
 * @property {number} captureMs when the screen was read, by the server's monotonic clock
 * @property {number} readyMs when it was encoded, by the same clock
 * @property {number} sentMs when it was sent, by the same clock
 * @property {number} dropped pictures left out for this viewer so far
 * @property {Uint8Array<ArrayBuffer>} payload
 */

/**
 * Cuts a body into records, each as soon as it is whole.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<PreviewRecord, void, void>}
 */
export async function* readRecords(body) {
  let buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  let filled = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer = withRoom(buffer, filled, value.byteLength);
      buffer.set(value, filled);
      filled += value.byteLength;
      let taken = 0;
      for (;;) {
        const size = recordSize(buffer, taken, filled);
        if (size === 0 || taken + size > filled) break;
        yield parse(buffer.slice(taken, taken + size));
        taken += size;
      }
      buffer.copyWithin(0, taken, filled);
      filled -= taken;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} buffer
 * @param {number} filled
 * @param {number} more
 */
function withRoom(buffer, filled, more) {
  if (filled + more <= buffer.byteLength) return buffer;
  const larger = new Uint8Array(2 * (filled + more));
  larger.set(buffer.subarray(0, filled));
  return larger;
}

/**
 * Bytes of the record that begins at a place; 0 while its header is not whole.
 *
 * @param {Uint8Array} buffer
 * @param {number} from
 * @param {number} to
 */
function recordSize(buffer, from, to) {
  if (to - from < HEADER_BYTES) return 0;
  const view = new DataView(buffer.buffer, from);
  return view.getUint16(2) + view.getUint32(4);
}

/**
 * @param {Uint8Array<ArrayBuffer>} record
 * @returns {PreviewRecord}
 */
function parse(record) {
  const view = new DataView(record.buffer);
  /** @param {number} offset */
  const number = (offset) => Number(view.getBigInt64(offset));
  return {
    kind: view.getUint8(0),
    key: (view.getUint8(1) & KEY_FLAG) !== 0,
    sequence: number(8),
    pts: number(16) / 1e3,
    captureMs: number(24) / 1e6,
    readyMs: number(32) / 1e6,
    sentMs: number(40) / 1e6,
    dropped: number(48),
    payload: record.subarray(view.getUint16(2)),
  };
}
