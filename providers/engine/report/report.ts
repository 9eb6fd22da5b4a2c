// How a long step says how far it is.

/** Tells how far a part is. */
export type Report = (
  subject: string,
  text: string,
  doneBytes?: number,
  totalBytes?: number,
) => void;
