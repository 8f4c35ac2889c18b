/** What trivet changed on a machine: lines appended there before each change, read back by reset. */

/** Where the receipt and the originals lie on each machine. */
export const receiptDirectory = '/var/lib/trivet';
export const receiptPath = `${receiptDirectory}/receipt.ndjson`;

/** One line of the receipt. It is written before the change, so that a crash in between loses nothing. */
export type ReceiptEntry =
  | { readonly kind: 'file' | 'upload'; readonly path: string; readonly sha256: string; readonly original: string | undefined }
  | { readonly kind: 'block'; readonly path: string; readonly name: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly original: string | undefined }
  | { readonly kind: 'service'; readonly unit: string; readonly wasEnabled: boolean; readonly wasActive: boolean }
  | { readonly kind: 'command'; readonly step: string }
  | { readonly kind: 'packages'; readonly names: readonly string[] };
