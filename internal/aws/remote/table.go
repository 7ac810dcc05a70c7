package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern/trinosql"
)

// A Table is a trail's folder as a table of an engine.
type Table struct {
	Catalog string // of Trino; "" with Athena
	Schema  string // or database
	Name    string // "" for the one that is named after what it holds

	Location          string // as the engine finds it, with a slash at its end
	Accounts, Regions []string
}

var (
	sqlName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

	// unsafe is what the properties of a table could read as something else. Hive's
	// language knows escapes between quotes.
	unsafe = regexp.MustCompile(`[\x00-\x1f\x7f'"\\$\x60{};]`)
)

// Check finds names and values that no statement is made of.
func (t *Table) Check() error {
	for _, n := range []string{t.Catalog, t.Schema, t.Name} {
		if n != "" && !sqlName.MatchString(n) {
			return fmt.Errorf("%q is not a name for a catalog, schema, database or table: use letters, digits and _", n)
		}
	}
	if t.Schema == "" {
		return errors.New("the engine's schema or database is not named")
	}
	if unsafe.MatchString(t.Location) || !strings.Contains(t.Location, ":/") || !strings.HasSuffix(t.Location, "/") {
		return fmt.Errorf("%q cannot be the location of a table", t.Location)
	}
	if slices.ContainsFunc(t.Accounts, func(a string) bool { return a != Account && !accountID.MatchString(a) }) || slices.ContainsFunc(t.Regions, func(r string) bool { return r != Region && !regionName.MatchString(r) }) {
		return errors.New("the names of the files have an account or a region that is not one")
	}
	return nil
}

// name is the table's name. What the table holds decides it: with other accounts or
// regions it is another table, so that an old one never hides files.
func (t *Table) name() string {
	if t.Name != "" {
		return t.Name
	}
	accounts := strings.Join(t.Accounts, ",")
	if t.Catalog == "" && injected(t.Accounts) {
		accounts = "injected"
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{t.Location, "line,account,region,day", firstDay, accounts, strings.Join(t.Regions, ",")}, "\n")))
	return "monitorctl_trail_" + hex.EncodeToString(sum[:6])
}

// firstDay is the first day that a table has: CloudTrail began in November 2013.
const firstDay = "2013/11/01"

// Qualified is the table's name in a query.
func (t *Table) Qualified() string {
	list := []string{quote(t.Schema), quote(t.name())}
	if t.Catalog != "" {
		list = append([]string{quote(t.Catalog)}, list...)
	}
	return strings.Join(list, ".")
}

func quote(name string) string { return `"` + name + `"` }

// Trino is the statement that creates the table in a Hive catalog of Trino.
func (t *Table) Trino() string {
	enum := func(name string, values []string) string {
		var list []string
		for _, v := range values {
			list = append(list, trinosql.Literal(v))
		}
		return fmt.Sprintf("  %s varchar WITH (partition_projection_type = 'enum', partition_projection_values = ARRAY[%s])", name, strings.Join(list, ", "))
	}
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
  line varchar,
%s,
%s,
  day varchar WITH (partition_projection_type = 'date', partition_projection_format = 'yyyy/MM/dd', partition_projection_range = ARRAY['%s', 'NOW+2DAYS'], partition_projection_interval = 1, partition_projection_interval_unit = 'DAYS')
) WITH (
  format = 'TEXTFILE', external_location = %s, partitioned_by = ARRAY['account', 'region', 'day'],
  partition_projection_enabled = true, partition_projection_location_template = %s
)`, t.Qualified(), enum("account", t.Accounts), enum("region", t.Regions), firstDay, trinosql.Literal(t.Location), trinosql.Literal(t.Location+template))
}

// template leads from the table's location to a partition.
const template = "${account}/CloudTrail/${region}/${day}/"

// maxEnum is how many values Athena's tables list for a partition; with more of them, and
// where they are not known, each statement names those that it asks for.
const maxEnum = 100

func injected(values []string) bool {
	return len(values) > maxEnum || slices.Contains(values, Account) || slices.Contains(values, Region)
}

// projection are the properties of a partition in Athena's tables.
func projection(name string, values []string) string {
	if injected(values) {
		return fmt.Sprintf("'projection.%s.type'='injected'", name)
	}
	return fmt.Sprintf("'projection.%s.type'='enum', 'projection.%[1]s.values'='%s'", name, strings.Join(values, ","))
}

// Athena is the statement that creates the table in Athena.
func (t *Table) Athena() string {
	return fmt.Sprintf("CREATE EXTERNAL TABLE IF NOT EXISTS `%s`.`%s` (line string)\nPARTITIONED BY (account string, region string, day string)\n"+
		"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' STORED AS TEXTFILE LOCATION '%s'\n"+
		"TBLPROPERTIES ('projection.enabled'='true',\n"+
		"  %s,\n  %s,\n"+
		"  'projection.day.type'='date', 'projection.day.format'='yyyy/MM/dd', 'projection.day.range'='%s,NOW+2DAYS', 'projection.day.interval'='1', 'projection.day.interval.unit'='DAYS',\n"+
		"  'storage.location.template'='%s')",
		t.Schema, t.name(), t.Location, projection("account", t.Accounts), projection("region", t.Regions), firstDay, t.Location+template)
}

// Drop is the statement that removes the table again.
func (t *Table) Drop(engine string) string {
	if engine == "athena" {
		return fmt.Sprintf("DROP TABLE IF EXISTS `%s`.`%s`", t.Schema, t.name())
	}
	return "DROP TABLE IF EXISTS " + t.Qualified()
}

// Create is the statement that creates the table in an engine.
func (t *Table) Create(engine string) string {
	if engine == "athena" {
		return t.Athena()
	}
	return t.Trino()
}

// Columns is the query for the names and types of the table's columns.
func (t *Table) Columns() string {
	from := "information_schema.columns"
	if t.Catalog != "" {
		from = quote(t.Catalog) + "." + from
	}
	return fmt.Sprintf("SELECT column_name, data_type FROM %s WHERE table_schema = %s AND table_name = %s", from, trinosql.Literal(strings.ToLower(t.Schema)), trinosql.Literal(strings.ToLower(t.name())))
}

// A Layout is what the listed files of one trail have in common.
type Layout struct {
	Trail             string // the folder of the accounts, as listed, with a slash at its end
	Accounts, Regions []string
	From, To          time.Time // days of delivery, both included
	Objects           int
	Bytes             int64
}

// LayoutOf finds the layout of a listing with files. An engine reads one trail: the error
// says what else there is.
func LayoutOf(l logs.Listing) (Layout, error) {
	var out Layout
	accounts, regions := map[string]bool{}, map[string]bool{}
	for i, o := range l.Objects {
		if o.Key.Trail == "" {
			return out, fmt.Errorf("%s is not in a folder as CloudTrail makes it (AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD), which an engine's table needs", o.Name)
		}
		day := o.Key.Delivered.Truncate(24 * time.Hour)
		if i == 0 {
			out.Trail, out.From, out.To = o.Key.Trail, day, day
		}
		if o.Key.Trail != out.Trail {
			return out, fmt.Errorf("there are two trails, %s and %s; an engine reads one: name one of these folders", out.Trail, o.Key.Trail)
		}
		if day.Before(out.From) {
			out.From = day
		}
		if day.After(out.To) {
			out.To = day
		}
		accounts[o.Key.Account], regions[o.Key.Region] = true, true
		out.Objects++
		out.Bytes += o.Size
	}
	out.Accounts, out.Regions = sorted(accounts), sorted(regions)
	return out, nil
}

func sorted(set map[string]bool) []string {
	var list []string
	for name := range set {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Partitions is how many partitions a scan of the layout has.
func (l *Layout) Partitions() int {
	return len(l.Accounts) * len(l.Regions) * (int(l.To.Sub(l.From).Hours()/24) + 1)
}
