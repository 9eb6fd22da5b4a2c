import { expect, test } from "vitest";
import { logTag } from "../../../../agent/logs/driver/tag.ts";
import { ID, source } from "../source.ts";

test.each<[string, string]>([
  ["", "0123456789ab"],
  ["plain", "plain"],
  ["{{.FullID}}", ID],
  ["{{ .Name }}.{{.ImageName}}", "web.busybox"],
  ["{{.ImageID}}", "abababababab"],
  ["{{.DaemonName}}:{{.Command}}", "docker:sh -c echo"],
  ['{{index .ContainerLabels "zone"}}', "a b"],
  ['{{index .ContainerLabels "none"}}', ""],
  ["{{.Name | upper}}", "WEB"],
  ["{{.Name | json | lower}}", '"web"'],
  ["{{.ExtraAttributes nil}}", "map[team:x]"],
])("the tag %j is %j", (tag, expected) => {
  expect(logTag({ tag, labels: "team" }, source())).toBe(expected);
});
