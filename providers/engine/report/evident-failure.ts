// A failure with what the host shows of it, which is told beside the error.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Evidence } from "./progress.ts";

/** A failure with what the host shows of it. */
export class FailureWithEvidence extends FairleadError {
  readonly evidence: Evidence;

  constructor(message: string, evidence: Evidence, hint?: string) {
    super("conflict", message, { hint });
    this.evidence = evidence;
  }
}
