package conformance

import (
	"fmt"
	"strings"
	"testing"
)

// documentedView defines, over a table of lines, the table that AWS's pages define for
// CloudTrail: texts in columns, userIdentity as a row, the JSON of what is below
// requestParameters and its like; the kinds of their values are lost. It stands in for
// CloudTrailInputFormat and JsonSerDe, which only Athena has.
func documentedView(name, over string) string {
	text := func(path string) string {
		value := fmt.Sprintf("json_extract(d, '$.%s')", path)
		return fmt.Sprintf("coalesce(json_extract_scalar(%s, '$'), nullif(json_format(%s), 'null'))", value, value)
	}
	var columns []string
	for _, field := range []string{"eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage", "requestParameters", "responseElements",
		"additionalEventData", "requestID", "eventID", "readOnly", "eventType", "recipientAccountId", "serviceEventDetails", "sharedEventID", "eventCategory"} {
		columns = append(columns, text(field)+" AS "+strings.ToLower(field))
	}
	row := func(path string, names ...string) string {
		var values, types []string
		for _, n := range names {
			values = append(values, text(path+"."+n))
			types = append(types, strings.ToLower(n)+" varchar")
		}
		return fmt.Sprintf("CAST(ROW(%s) AS ROW(%s))", strings.Join(values, ", "), strings.Join(types, ", "))
	}
	issuer := row("userIdentity.sessionContext.sessionIssuer", "type", "principalId", "arn", "accountId", "userName")
	identity := fmt.Sprintf("CAST(ROW(%s, %s, %s, %s, %s, %s, %s, ROW(%s)) AS ROW(type varchar, principalid varchar, arn varchar, accountid varchar, invokedby varchar, accesskeyid varchar, username varchar, "+
		"sessioncontext ROW(sessionissuer ROW(type varchar, principalid varchar, arn varchar, accountid varchar, username varchar)))) AS useridentity",
		text("userIdentity.type"), text("userIdentity.principalId"), text("userIdentity.arn"), text("userIdentity.accountId"), text("userIdentity.invokedBy"), text("userIdentity.accessKeyId"), text("userIdentity.userName"), issuer)
	return fmt.Sprintf(`CREATE VIEW %s AS SELECT %s, %s, day AS "timestamp", "$path" AS "$path" FROM %s CROSS JOIN UNNEST(CAST(json_extract(json_parse(line), '$.Records') AS array(json))) AS u(d)`,
		name, strings.Join(columns, ", "), identity, over)
}

// testDocumentedTable: a table as AWS's pages define it gives the report that reading the
// files gives. What it does not show is read here.
func testDocumentedTable(t *testing.T, tr *trail) {
	args := []string{"--patterns-only", "--set", "cis"}
	first, _ := tr.report(t, 0, fromFolder, args...)
	lines := ""
	for _, row := range tr.trino.rows(t, "SELECT table_name FROM hive.information_schema.tables WHERE table_schema = 'monitorctl' AND table_name LIKE 'monitorctl_trail%'") {
		if definition := tr.trino.rows(t, "SHOW CREATE TABLE hive.monitorctl."+row[0]); strings.Contains(definition[0][0], "local:///"+tr.name+"/") {
			lines = "hive.monitorctl." + row[0]
		}
	}
	if lines == "" {
		t.Fatal("no table was created")
	}
	tr.trino.rows(t, documentedView("hive.monitorctl.documented", lines))
	got, e := tr.report(t, 0, trinoFromFolder, append(args, "--table", "documented")...)
	if got != first {
		t.Errorf("differs:\n%.4000s", got)
	}
	if e.Here == 0 || e.Here == e.Files || len(e.Exact) < 10 || len(e.Exact) == 15 {
		t.Errorf("%d of %d files were read here; exact %v", e.Here, e.Files, e.Exact)
	}
	// A value that is no text, below what has a column, and where the table shows nothing.
	odd := []string{"--patterns-only", "--pattern", "reads={ $.readOnly IS TRUE }", "--pattern", "below={ $.requestParameters.name NOT EXISTS && $.eventName = List* }", "--pattern", "unseen={ $.tlsDetails.tlsVersion = TLSv1.3 }"}
	first, _ = tr.report(t, 0, fromFolder, odd...)
	if got, e := tr.report(t, 0, trinoFromFolder, append(odd, "--table", "documented")...); got != first || len(e.Exact) != 0 || e.Here == 0 {
		t.Errorf("%+v, differs:\n%.4000s", e, got)
	}
}
