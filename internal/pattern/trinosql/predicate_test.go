package trinosql

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

func translate(t *testing.T, text string) (Predicate, *Columns, error) {
	t.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var c Columns
	sql, err := Translate(p, &c)
	return sql, &c, err
}

// TestTranslate: the text of each condition. What the texts mean on the real engine is
// for TestTrino of package conformance.
func TestTranslate(t *testing.T) {
	const x0Members = "CASE substr(f0, 1, 1) WHEN '[' THEN any_match(CAST(x0 AS array(json)), m -> coalesce(json_format(m) = 'null', false))"
	for _, test := range []struct{ pattern, want string }{
		{`{ $.a = "x" }`, "r0 = 'x'"},
		{`{ $.a = "it's" }`, "r0 = 'it''s'"},
		{`{ $.a = "x'; DROP TABLE t; --" }`, "r0 = 'x''; DROP TABLE t; --'"},
		{`{ $.a = x* }`, "starts_with(r0, 'x')"},
		{`{ $.a = "*é" }`, "substr(r0, -1) = 'é'"},
		{`{ $.a = *x* }`, "strpos(r0, 'x') > 0"},
		{`{ $.a = * }`, "r0 IS NOT NULL"},
		{`{ $.a != x }`, "(r0 IS NOT NULL AND NOT coalesce(r0 = 'x', false))"},
		{`{ $.a = 1 }`, `(f0 IN ('1', '1.0') OR (substr(f0, 1, 1) = '"' AND r0 = '1'))`},
		{`{ $.a = 1e400 }`, `(substr(f0, 1, 1) = '"' AND r0 = '1e400')`},
		{`{ $.a = -0 }`, `(f0 IN ('0', '0.0', '-0.0') OR (substr(f0, 1, 1) = '"' AND r0 = '-0'))`},
		{`{ $.a > 1 }`, "(substr(f0, 1, 1) " + isNumber + " AND TRY_CAST(f0 AS double) > DOUBLE '1E+00')"},
		{`{ $.a = %^\d+$% }`, `regexp_like(r0, '\A[\x{0}-\x{10ffff}]*(?:\A(?:[0-9])+(?:\x{a})?\z)')`},
		{`{ $.a = %[^\w]x.% }`, `regexp_like(r0, '[^0-9A-Z\x{5f}a-z]x[^\x{a}]')`},
		{`{ $.a IS TRUE }`, "f0 = 'true'"},
		{`{ $.a IS NULL }`, "(f0 = 'null' OR " + x0Members + " ELSE false END)"},
		{`{ $.a NOT EXISTS }`, "x0 IS NULL"},
		{`{ $.a = x && ($.b = y || $.a = z) }`, "(r0 = 'x' AND (r1 = 'y' OR r0 = 'z'))"},
		{`{ $.a[*] IS NULL }`, x0Members + " WHEN '{' THEN any_match(map_values(CAST(x0 AS map(varchar, json))), m -> coalesce(json_format(m) = 'null', false)) ELSE false END"},
	} {
		sql, _, err := translate(t, test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		if got := sql.Must(); got != "("+test.want+")" {
			t.Errorf("%s:\n%s, want\n(%s)", test.pattern, got, test.want)
		}
		if sql.Must() != sql.May() || sql.Doubt() != "" {
			t.Errorf("%s is not exact", test.pattern)
		}
	}
}

// TestBounds: where the engine cannot tell, the two conditions differ.
func TestBounds(t *testing.T) {
	for _, test := range []struct{ pattern, may, must, doubt string }{
		{`{ $.a = "x*y_" }`, `(r0 = 'x*y_') OR (r0 LIKE 'x%y\_' ESCAPE '\')`, `(r0 = 'x*y_') AND (r0 LIKE 'x%y\_' ESCAPE '\')`, ""},
		{`{ $.a > 9007199254740992 }`,
			"((substr(f0, 1, 1) " + isNumber + " AND TRY_CAST(f0 AS double) >= DOUBLE '9.007199254740992E+15'))",
			"((substr(f0, 1, 1) " + isNumber + " AND TRY_CAST(f0 AS double) > DOUBLE '9.007199254740992E+15'))", "coalesce"},
		{`{ $.a < 1e400 }`, "(substr(f0, 1, 1) " + isNumber + ")", "(false)", "coalesce"},
	} {
		sql, _, err := translate(t, test.pattern)
		if err != nil || sql.May() != test.may || sql.Must() != test.must || (test.doubt == "") != (sql.Doubt() == "") {
			t.Errorf("%s:\nmay  %s\nmust %s\ndoubt %s, %v", test.pattern, sql.May(), sql.Must(), sql.Doubt(), err)
		}
	}
	sql, _, err := translate(t, `{ $.a != 1 }`)
	if err != nil || !strings.Contains(sql.Must(), `NOT IN ('"Infinity"', '"-Infinity"')`) || strings.Contains(sql.May(), "Infinity") {
		t.Errorf("%+v, %v", sql, err)
	}
}

// TestColumns: a path is found once, and an index does not find a name.
func TestColumns(t *testing.T) {
	_, c, err := translate(t, `{ $.a.b = x || $.a.b = y || $.['its "q\'] = z || $.a[0] = x || $.['0'].c = x }`)
	if err != nil {
		t.Fatal(err)
	}
	values := c.Values()
	if len(values) != 4 {
		t.Fatalf("%d columns: %q", len(values), values)
	}
	if want := `json_extract(d, '$["a"]["b"]') AS x0`; values[0] != want {
		t.Errorf("%s, want %s", values[0], want)
	}
	if want := `json_extract(d, '$["its \"q\\"]') AS x1`; values[1] != want {
		t.Errorf("%s, want %s", values[1], want)
	}
	if want := `CASE WHEN substr(json_format(json_extract(d, '$["a"]')), 1, 1) = '[' THEN json_extract(d, '$["a"][0]') END AS x2`; values[2] != want {
		t.Errorf("%s, want %s", values[2], want)
	}
	if want := `CASE WHEN substr(json_format(d), 1, 1) = '{' THEN json_extract(d, '$["0"]["c"]') END AS x3`; values[3] != want {
		t.Errorf("%s, want %s", values[3], want)
	}
}

// TestVectors: all patterns that the engine was asked about are translated, the refused
// ones are refused, and what is exact there is exact here.
func TestVectors(t *testing.T) {
	data, err := os.ReadFile("../../../testdata/sql-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Vectors []struct {
			Pattern string
			Exact   bool
		}
		Refused    []struct{ Pattern string }
		Everything []string
	}
	if err := json.Unmarshal(data, &v); err != nil || len(v.Vectors) < 185 {
		t.Fatalf("%d vectors: %v", len(v.Vectors), err)
	}
	for _, x := range v.Vectors {
		sql, _, err := translate(t, x.Pattern)
		if err != nil || x.Exact && (sql.May() != sql.Must() || sql.Doubt() != "") {
			t.Errorf("%s: %+v, %v", x.Pattern, sql, err)
		}
	}
	for _, x := range v.Refused {
		if _, _, err := translate(t, x.Pattern); !errors.Is(err, ErrText) {
			t.Errorf("%s: %v", x.Pattern, err)
		}
	}
	for _, text := range v.Everything {
		if sql, _, err := translate(t, text); err != nil || sql.Must() != "(true)" {
			t.Errorf("%q: %+v, %v", text, sql, err)
		}
	}
}
