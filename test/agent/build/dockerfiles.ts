// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles.
// Dockerfiles that Docker's classic builder and ours must make the same image of. `base:1` is a
// root with busybox, the users root and app (1000), and /etc/os-release.

export interface BuildCase {
  title: string;
  dockerfile: string;
  files?: Record<string, string>;
  options?: string[];
  /** The build fails in both. */
  fails?: boolean;
}

const FILES = {
  "a.txt": "a",
  "b.txt": "b",
  "sub/c.txt": "c",
  "sub/deep/d.txt": "d",
  "run.sh": "#!/bin/sh\necho run\n",
};

export const CASES: BuildCase[] = [
  { title: "nothing but a base", dockerfile: "FROM base:1" },
  {
    title: "from scratch with files",
    dockerfile: 'FROM scratch\nCOPY a.txt /\nCMD ["/a.txt"]',
    files: FILES,
  },
  { title: "a command of the shell", dockerfile: "FROM base:1\nRUN echo hi > /made" },
  {
    title: "a command in JSON",
    dockerfile: 'FROM base:1\nRUN ["/bin/sh", "-c", "echo $0 > /made", "x y"]',
  },
  {
    title: "continued lines with comments",
    dockerfile: "FROM base:1\nRUN echo one > /1 && \\\n  # why\n\n  echo two > /2\n",
  },
  {
    title: "the escape directive",
    dockerfile: "# escape=`\nFROM base:1\nRUN echo a `\n  b > /made\nENV P=C:\\x",
  },
  {
    title: "environment in all forms",
    dockerfile: [
      "FROM base:1",
      "ENV A=1 B=\"two words\" C=x\\ y D='$A'",
      "ENV OLD old style value",
      "ENV E=$A-${B} F=${NO:-none} G=${A:+set}",
      "ENV A=2 H=$A",
    ].join("\n"),
  },
  {
    title: "environment in commands",
    dockerfile: "FROM base:1\nENV A=1\nRUN echo $A ${A}x \"$A\" '$A' > /made",
  },
  {
    title: "arguments",
    dockerfile: "FROM base:1\nARG A=1\nARG B\nRUN echo $A $B > /made",
    options: ["--build-arg", "B=given"],
  },
  {
    title: "an argument over its default",
    dockerfile: "FROM base:1\nARG A=1\nRUN echo $A > /made",
    options: ["--build-arg", "A=2"],
  },
  {
    title: "an environment over an argument",
    dockerfile: "FROM base:1\nARG A=arg\nENV A=env\nRUN echo $A > /made",
    options: ["--build-arg", "A=given"],
  },
  {
    title: "an argument before FROM",
    dockerfile: 'ARG TAG=1\nFROM base:${TAG}\nRUN echo "[$TAG]" > /made',
  },
  {
    title: "an argument before FROM, declared again",
    dockerfile: 'ARG TAG=1\nFROM base:$TAG\nARG TAG\nRUN echo "[$TAG]" > /made',
  },
  {
    title: "a proxy that nobody declared",
    dockerfile: "FROM base:1\nRUN echo $http_proxy > /made",
    options: ["--build-arg", "http_proxy=http://p:1"],
  },
  {
    title: "working directories",
    dockerfile: "FROM base:1\nWORKDIR /a\nWORKDIR b\nWORKDIR ../c\nRUN pwd > where",
  },
  {
    title: "a working directory of variables",
    dockerfile: "FROM base:1\nENV D=/x/y\nWORKDIR $D/z\nRUN pwd > where",
  },
  { title: "a file into a folder", dockerfile: "FROM base:1\nCOPY a.txt /dst/", files: FILES },
  {
    title: "a file under another name",
    dockerfile: "FROM base:1\nCOPY a.txt /dst/new",
    files: FILES,
  },
  {
    title: "a file over a folder that is there",
    dockerfile: "FROM base:1\nCOPY a.txt /etc",
    files: FILES,
  },
  { title: "several files", dockerfile: "FROM base:1\nCOPY a.txt b.txt /dst/", files: FILES },
  {
    title: "several files onto no folder",
    dockerfile: "FROM base:1\nCOPY a.txt b.txt /dst",
    files: FILES,
    fails: true,
  },
  { title: "a folder's content", dockerfile: "FROM base:1\nCOPY sub /dst", files: FILES },
  {
    title: "a folder's content with a slash",
    dockerfile: "FROM base:1\nCOPY sub/ /dst/",
    files: FILES,
  },
  { title: "the whole context", dockerfile: "FROM base:1\nWORKDIR /all\nCOPY . .", files: FILES },
  {
    title: "wildcards",
    dockerfile: "FROM base:1\nCOPY *.txt /dst/\nCOPY s?b/d* /other/",
    files: FILES,
  },
  {
    title: "a wildcard that matches nothing",
    dockerfile: "FROM base:1\nCOPY *.none /dst/",
    files: FILES,
    fails: true,
  },
  {
    title: "a file that is not there",
    dockerfile: "FROM base:1\nCOPY none /dst/",
    files: FILES,
    fails: true,
  },
  {
    title: "a file above the context",
    dockerfile: "FROM base:1\nCOPY ../../../../etc/passwd /dst/",
    files: FILES,
    fails: true,
  },
  {
    title: "names with spaces",
    dockerfile: 'FROM base:1\nCOPY ["a b.txt", "/x y/"]',
    files: { "a b.txt": "ab" },
  },
  {
    title: "relative destinations",
    dockerfile: "FROM base:1\nWORKDIR /w\nCOPY a.txt sub/\nCOPY b.txt ./",
    files: FILES,
  },
  { title: "owners by number", dockerfile: "FROM base:1\nCOPY --chown=5:6 sub /dst", files: FILES },
  {
    title: "owners by name",
    dockerfile: "FROM base:1\nCOPY --chown=app:app a.txt sub /dst/",
    files: FILES,
  },
  {
    title: "an owner that does not exist",
    dockerfile: "FROM base:1\nCOPY --chown=nobody1 a.txt /",
    files: FILES,
    fails: true,
  },
  {
    title: "a file over a file of the image",
    dockerfile: "FROM base:1\nCOPY a.txt /etc/passwd",
    files: FILES,
  },
  { title: "ADD of files", dockerfile: "FROM base:1\nADD a.txt sub /dst/", files: FILES },
  {
    title: "a path through a link of the image",
    dockerfile:
      "FROM base:1\nRUN mkdir /real && ln -s /real /link\nCOPY a.txt /link/\nCOPY b.txt /link/x/",
    files: FILES,
  },
  {
    title: "stages",
    dockerfile:
      "FROM base:1 AS build\nRUN echo made > /made\nFROM base:1\nCOPY --from=build /made /got/",
  },
  {
    title: "stages by number",
    dockerfile: [
      "FROM base:1",
      "RUN mkdir /d && echo 1 > /d/f && chown -R app /d",
      "FROM base:1",
      "COPY --from=0 /d /d2",
    ].join("\n"),
  },
  {
    title: "a stage on a stage",
    dockerfile: [
      "FROM base:1 AS one",
      "ENV A=1",
      "WORKDIR /w",
      "RUN echo x > f",
      "FROM one",
      "RUN cat f > g && echo $A >> g",
    ].join("\n"),
  },
  {
    title: "a target in the middle",
    dockerfile: "FROM base:1 AS one\nRUN echo 1 > /f\nFROM one AS two\nRUN echo 2 > /f",
    options: ["--target", "one"],
  },
  {
    title: "a target that does not exist",
    dockerfile: "FROM base:1 AS one",
    options: ["--target", "none"],
    fails: true,
  },
  {
    title: "files of another image",
    dockerfile: "FROM scratch\nCOPY --from=base:1 /etc/passwd /p",
  },
  {
    title: "deleted files",
    dockerfile: "FROM base:1\nRUN mkdir /d && touch /d/a /d/b\nRUN rm /d/a && rm /etc/os-release",
  },
  {
    title: "a folder made anew",
    dockerfile:
      "FROM base:1\nRUN mkdir /d && touch /d/a /d/b\nRUN rm -r /d && mkdir /d && touch /d/c",
  },
  {
    title: "links, devices and modes",
    dockerfile: [
      "FROM base:1",
      "RUN ln -s nowhere /l && touch /h1 && ln /h1 /h2 && mkfifo /p && mkdir -m" +
        " 1777 /t && touch /s && chmod 4755 /s",
    ].join("\n"),
  },
  {
    title: "owners made by commands",
    dockerfile: "FROM base:1\nRUN touch /f && chown app:app /f",
  },
  { title: "users", dockerfile: "FROM base:1\nUSER app\nRUN id -u > /tmp/uid; touch /tmp/own" },
  {
    title: "a user by number",
    dockerfile: "FROM base:1\nUSER 77:88\nRUN id -u > /tmp/uid && id -g > /tmp/gid",
  },
  {
    title: "commands of the container",
    dockerfile: 'FROM base:1\nENTRYPOINT ["/bin/echo"]\nCMD ["a", "b"]',
  },
  {
    title: "commands of the container by a shell",
    dockerfile: "FROM base:1\nENTRYPOINT echo $HOME\nCMD sleep 1",
  },
  {
    title: "an entrypoint takes the base's command away",
    dockerfile: 'FROM base:1 AS one\nCMD ["x"]\nFROM one\nENTRYPOINT ["/bin/echo"]',
  },
  {
    title: "another shell",
    dockerfile: 'FROM base:1\nSHELL ["/bin/sh", "-ec"]\nRUN echo $0 > /made\nCMD run this',
  },
  {
    title: "labels",
    dockerfile: 'FROM base:1\nLABEL a=1 "b c"="d e" f=\'g\'\nLABEL old value here',
    options: ["--label", "given=yes"],
  },
  { title: "ports", dockerfile: "FROM base:1\nENV P=90\nEXPOSE 80 53/udp 8000-8002 $P/tcp" },
  { title: "a port that is none", dockerfile: "FROM base:1\nEXPOSE nothing", fails: true },
  { title: "volumes", dockerfile: 'FROM base:1\nENV V=/v3\nVOLUME /v1 /v2\nVOLUME ["$V", "/v 4"]' },
  {
    title: "a signal and a health check",
    dockerfile: [
      "FROM base:1",
      "STOPSIGNAL SIGQUIT",
      "HEALTHCHECK --interval=5s --timeout=2s --start-period=1m --retries=4 CMD echo ok",
    ].join("\n"),
  },
  { title: "a health check in JSON", dockerfile: 'FROM base:1\nHEALTHCHECK CMD ["/bin/true"]' },
  { title: "no health check", dockerfile: "FROM base:1\nHEALTHCHECK NONE" },
  {
    title: "triggers",
    dockerfile: "FROM base:1 AS one\nONBUILD RUN echo trigger > /t\nONBUILD ENV T=1",
  },
  { title: "an author", dockerfile: "FROM base:1\nMAINTAINER me <m@example.com>" },
  {
    title: "a Dockerfile of another name",
    dockerfile: "FROM base:1",
    files: { "build/Other": "FROM base:1\nRUN echo other > /o" },
    options: ["-f", "CONTEXT/build/Other"],
  },
  {
    title: "ignored files",
    dockerfile: "FROM base:1\nCOPY . /all",
    files: { ...FILES, ".dockerignore": "*.txt\n!b.txt\nsub/deep\n" },
  },
  {
    title: "executable files",
    dockerfile: "FROM base:1\nCOPY run.sh /\nRUN chmod 750 /run.sh && /run.sh > /made",
    files: FILES,
  },
  { title: "an unknown instruction", dockerfile: "FROM base:1\nRUNN x", fails: true },
  {
    title: "an unknown flag",
    dockerfile: "FROM base:1\nCOPY --what=1 a.txt /",
    files: FILES,
    fails: true,
  },
  { title: "no FROM", dockerfile: "RUN x", fails: true },
  { title: "nothing at all", dockerfile: "", fails: true },
  { title: "a command that fails", dockerfile: "FROM base:1\nRUN exit 7", fails: true },
  { title: "a base that is not there", dockerfile: "FROM nowhere.invalid/x:1", fails: true },
  { title: "a bad substitution", dockerfile: "FROM base:1\nENV A=${B", fails: true },
  {
    title: "two stages of one name",
    dockerfile: "FROM base:1 AS a\nFROM base:1 AS a",
    fails: true,
  },
  {
    title: "a path and its place",
    dockerfile: "FROM base:1\nENV PATH=/x:$PATH\nRUN echo $PATH > /made",
  },
  {
    title: "quotes in a command",
    dockerfile: "FROM base:1\nRUN echo 'a  b' \"c  d\" e\\ f > /made",
  },
  {
    title: "lower case instructions",
    dockerfile: "from base:1 as one\nrun echo x > /f\ncopy a.txt /",
    files: FILES,
  },
];
