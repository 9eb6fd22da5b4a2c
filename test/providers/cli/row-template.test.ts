// Templates of rows, as fairlead ps --format takes them.
import { describe, expect, it } from "vitest";
import { rowTemplate } from "../../../providers/cli/screen/row-template.ts";

const ROW = { Name: "app-web-1", State: "running", CreatedAt: "now" };
const FIELDS = Object.keys(ROW);

describe("a template of a row", () => {
  it.each([
    ["{{.Name}}", ["app-web-1"]],
    ["{{ .Name }}: {{- .State -}}", ["app-web-1: running"]],
    ["{{.Name}}\\t{{.State}}\\n", ["app-web-1\trunning\n"]],
    ["{{json .State}}", ['"running"']],
    ["{{json .}}", [JSON.stringify(ROW)]],
    ["plain {text}", ["plain {text}"]],
    ["table {{.Name}}\\t{{.State}} ({{.CreatedAt}})", ["app-web-1", "running (now)"]],
  ])("gives the cells of %s", (text, cells) => {
    expect(rowTemplate(text, FIELDS).cells(ROW)).toEqual(cells);
  });

  it("heads the columns of a table as Docker does", () => {
    const { isTable, headings } = rowTemplate("table {{.Name}}\t{{.CreatedAt}}", FIELDS);
    expect([isTable, headings]).toEqual([true, ["NAME", "CREATED AT"]]);
    expect(rowTemplate("{{.Name}}", FIELDS).isTable).toBe(false);
  });

  it.each([
    ["{{.Nme}}", "there is no field .Nme", "There are Name, State, CreatedAt."],
    ["{{.}}", "there is no field .", "There are Name, State, CreatedAt."],
    ["{{.constructor}}", "there is no field .constructor", "There are Name"],
    ["a {{if .Name}}b{{end}}", "{{if .Name}}b{{end}} is more than a field", "Write {{.Name}}"],
    ["{{.Name", "{{.Name is more than a field", "Write {{.Name}}"],
    ["{{.Name | upper}}", "{{.Name | upper}} is more than a field", "Write {{.Name}}"],
  ])("refuses %s", (text, message, hint) => {
    expect(() => rowTemplate(text, FIELDS)).toThrow(
      expect.objectContaining({
        ...{ code: "invalid", message, path: "--format" },
        hint: expect.stringContaining(hint),
      }),
    );
  });
});
