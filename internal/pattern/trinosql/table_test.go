package trinosql

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/record"
)

// documented are columns as AWS's pages have them, in the types of Athena and Trino.
func documented() *Table {
	types := map[string]string{
		"eventname": "varchar", "errorcode": "varchar(1000)", "readonly": "varchar", "requestparameters": "varchar", "timestamp": "varchar", "timestamps": "timestamp(3)",
		"useridentity": `row(type varchar, principalid varchar, sessioncontext row("attributes" row(mfaauthenticated varchar), sessionissuer row(type varchar, arn varchar)), invokedby varchar)`,
		"resources":    "array(row(arn varchar, accountid varchar, type varchar))", "tlsdetails": "row(n decimal(10, 2), tlsversion varchar)",
	}
	always := map[string]bool{"eventName": true, "errorCode": true, "userIdentity.type": true, "userIdentity.sessionContext.sessionIssuer.arn": true, "userIdentity.invokedBy": true}
	return NewTable(types, func(p record.Path) bool { return always[strings.Join(names(p), ".")] })
}

func names(p record.Path) []string {
	var list []string
	for _, st := range p {
		list = append(list, st.Name)
	}
	return list
}

func TestTableColumns(t *testing.T) {
	table := documented()
	for path, want := range map[string]string{
		"eventName": `"eventname"`, "errorCode": `"errorcode"`, "userIdentity.type": `"useridentity"."type"`, "userIdentity.sessionContext.sessionIssuer.arn": `"useridentity"."sessioncontext"."sessionissuer"."arn"`,
		"userIdentity.sessionContext.attributes.mfaAuthenticated": `"useridentity"."sessioncontext"."attributes"."mfaauthenticated"`, "userIdentity.invokedBy": `"useridentity"."invokedby"`,
		"tlsDetails.tlsVersion": `"tlsdetails"."tlsversion"`,
		"userIdentity":          "", "resources": "", "resources.arn": "", "timestamps": "", "tlsDetails.n": "", "requestParameters.name": "", "eventName.x": "", "nothing": "", "userIdentity.sessionContext.gone": "",
	} {
		var p record.Path
		for _, name := range strings.Split(path, ".") {
			p = append(p, record.Step{Kind: record.Name, Name: name})
		}
		if got := table.column(p); got != want || table.Has(p) != (want != "") {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestTableConditions: what compares a text with what is always one is exact, and all else
// leaves in doubt at least the records that it matches.
func TestTableConditions(t *testing.T) {
	const inParameters = `("requestparameters" IS NOT NULL AND try(json_parse("requestparameters")) IS NULL OR coalesce(%, false))`
	for _, test := range []struct{ pattern, may, must string }{
		{`{ $.eventName = "CreateVpc" }`, "r0 = 'CreateVpc'", "r0 = 'CreateVpc'"},
		{`{ $.errorCode = "*Unauthorized*" }`, "strpos(r0, 'Unauthorized') > 0", "strpos(r0, 'Unauthorized') > 0"},
		{`{ $.userIdentity.type != "Root" }`, "(r0 IS NOT NULL AND NOT coalesce(r0 = 'Root', false))", "(r0 IS NOT NULL AND NOT coalesce(r0 = 'Root', false))"},
		{`{ $.userIdentity.invokedBy NOT EXISTS }`, "x0 IS NULL", "x0 IS NULL"},
		{`{ $.userIdentity.invokedBy = %a% }`, "r0 IS NOT NULL", "false"},
		{`{ $.readOnly IS TRUE }`, "r0 = 'true'", "false"},
		{`{ $.readOnly = "true" }`, "r0 IS NOT NULL", "false"},
		{`{ $.readOnly NOT EXISTS }`, "x0 IS NULL", "false"},
		{`{ $.requestParameters.name = "x" }`, strings.Replace(inParameters, "%", "r0 = 'x'", 1), "false"},
		{`{ $.requestParameters.name > 3 }`, strings.Replace(inParameters, "%", "x0 IS NOT NULL", 1), "false"},
		{`{ $.requestParameters.name NOT EXISTS }`, strings.Replace(inParameters, "%", "true", 1), "false"},
		{`{ $.requestParameters NOT EXISTS }`, "x0 IS NULL", "false"},
		{`{ $.resources[0].arn = "x" }`, "true", "false"},
		{`{ $.resources[*].arn = "x" }`, "true", "false"},
		{`{ $.unheardOf = "x" }`, "true", "false"},
	} {
		p, err := pattern.Parse(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		c := Columns{Table: documented()}
		sql, err := Translate(p, &c)
		if err != nil || sql.May() != "("+test.may+")" || sql.Must() != "("+test.must+")" {
			t.Errorf("%s: %v\n%s, want %s\n%s, want %s", test.pattern, err, sql.May(), test.may, sql.Must(), test.must)
		}
	}
	c := Columns{Table: documented()}
	for _, name := range []string{"eventName", "requestParameters", "unheardOf"} {
		c.Place(record.Path{{Kind: record.Name, Name: name}})
	}
	c.Place(record.Path{{Kind: record.Name, Name: "requestParameters"}, {Kind: record.Name, Name: "name"}})
	want := []string{`CAST("eventname" AS json) AS x0`, `CAST("requestparameters" AS json) AS x1`, "CAST(NULL AS json) AS x2", `json_extract(try(json_parse("requestparameters")), '$["name"]') AS x3`}
	if got := c.Values(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	if got := c.Table.Size(); got != `0 + coalesce(length(to_utf8("requestparameters")), 0)` {
		t.Error(got)
	}
}
