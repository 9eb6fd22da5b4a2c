// Progress in Docker's jsonmessage form, which the docker command line draws as bars.

export interface ProgressMessage {
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  stream?: string;
  errorDetail?: { message: string };
  error?: string;
}

export type Progress = (message: ProgressMessage) => void;

/** A counter of bytes that reports at most ten times a second. */
export function byteCounter(
  report: Progress,
  status: string,
  id: string,
  total: number,
): (current: number) => void {
  let last = 0;
  return (current) => {
    const now = Date.now();
    if (now - last < 100 && current < total) return;
    last = now;
    report({ status, id, progressDetail: { current, total } });
  };
}
