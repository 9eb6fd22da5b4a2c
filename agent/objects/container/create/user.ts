// Turns `user[:group]` into numbers by the /etc/passwd and /etc/group inside a container's root.
import { FairleadError } from "../../../../resources/model/errors.ts";
import { readRooted } from "../../tree/rooted-path.ts";

export interface ResolvedUser {
  uid: number;
  gid: number;
  /** The primary group first, as Docker sets them. */
  additionalGids: number[];
  home: string;
}

const LIMIT_BYTES = 4 * 1024 * 1024;
const HIGHEST_ID = 2 ** 31 - 1;

interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface Group {
  name: string;
  gid: number;
  members: string[];
}

/** `invalid` when a name is unknown there; numbers need no entry. */
export function resolveUser(root: string, text: string, groupAdd: string[] = []): ResolvedUser {
  const [user = "", group = ""] = text.split(":");
  const accounts = user === "" ? readAccounts(root, "0") : readAccounts(root, user);
  const groups = readGroups(root);
  const wanted = user === "" ? "0" : user;
  const account = accounts.find(({ name, uid }) => name === wanted || String(uid) === wanted);
  const uid = account?.uid ?? number(wanted);
  if (uid === undefined) {
    throw new FairleadError(
      "invalid",
      `unable to find user ${wanted}: no matching entries in passwd file`,
    );
  }
  const gid = group === "" ? (account?.gid ?? 0) : groupId(groups, group);
  const name = account?.name;
  const listed =
    group === "" && name !== undefined
      ? groups.filter(({ members }) => members.includes(name)).map((entry) => entry.gid)
      : [];
  const added = groupAdd.map((entry) => groupId(groups, entry));
  return {
    uid,
    gid,
    additionalGids: [...new Set([gid, ...listed, ...added])],
    home: account?.home || "/",
  };
}

function groupId(groups: Group[], wanted: string): number {
  const found = groups.find(({ name, gid }) => name === wanted || String(gid) === wanted);
  const gid = found?.gid ?? number(wanted);
  if (gid !== undefined) return gid;
  throw new FairleadError(
    "invalid",
    `unable to find group ${wanted}: no matching entries in group file`,
  );
}

function number(text: string): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= HIGHEST_ID ? value : undefined;
}

function readAccounts(root: string, wanted: string): Account[] {
  return lines(root, "/etc/passwd").flatMap((fields) => {
    const [name = "", , uid, gid, , home = ""] = fields;
    if (name !== wanted && uid !== wanted) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home }].filter(
      (entry) => Number.isInteger(entry.uid) && Number.isInteger(entry.gid),
    );
  });
}

function readGroups(root: string): Group[] {
  return lines(root, "/etc/group")
    .map(([name = "", , gid, members = ""]) => ({
      name,
      gid: Number(gid),
      members: members.split(",").filter((member) => member !== ""),
    }))
    .filter(({ gid }) => Number.isInteger(gid));
}

function lines(root: string, path: string): string[][] {
  const text = readRooted(root, path, LIMIT_BYTES)?.toString("utf8") ?? "";
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}
