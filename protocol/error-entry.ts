// The form of one entry of the table of errors (error-table.ts). Never holds one.

/** What is said of an error, and which HTTP status it has. */
export interface ErrorEntry {
  /** The sentence; `{name}` is replaced by the detail of that name. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly fix: string;
  /** HTTP status when the error leaves by HTTP. */
  readonly status: number;
}
