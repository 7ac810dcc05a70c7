package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
	"github.com/monitorctl/monitorctl/internal/pattern/trinosql"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A Statement asks a SQL engine what a Counter would count: one statement for all
// controls, which reads every record once.
//
// The numbers that it knows a record by (k) are places in Statement.classes. Behind
// them the record is counted: as one of all, of a scope, as a match of a filter, as an
// event of a control. A record that the engine cannot judge counts as nothing but a
// doubt, with its file: whoever asks reads that file with a Counter, asks once more about
// that file alone, and takes that away.
type Statement struct {
	question *Question
	suggest  bool
	columns  trinosql.Columns     // of the table that is asked, whose records are values of JSON or rows of fields
	patterns []trinosql.Predicate // as in Question.Patterns
	fields   []int                // of recordFields and eventFields, in columns
	classes  []class
	sets     []groupingSet
	group    []string // the columns of all sets, in the order of the result
}

// A class is what a record can count as.
type class struct {
	kind  classKind
	place int    // of the scope, filter or control
	when  string // the condition, in SQL
}

type classKind int8

const (
	allRecords  classKind = iota
	ofScope               // for default values
	matched               // by any filter: copies are counted here
	byFilter              // for alarms
	ofControl             // its events
	missedBy              // a control
	undecidedBy           // what AWS leaves open
)

// The numbers of what is in no class.
const (
	doubtful = -1 // a record, or a line, that the engine cannot judge
	noRecord = -2 // a file without any
)

// A TextError names a pattern that no engine can match.
type TextError struct{ Pattern string }

func (e *TextError) Error() string {
	return fmt.Sprintf("the pattern %s searches the text of records, which no table keeps as it was", e.Pattern)
}

// NewStatement prepares the statement of a question to a table with the lines of files;
// suggest adds what suggestions are made from. The error is a TextError.
func NewStatement(q *Question, suggest bool) (*Statement, error) {
	return newStatement(&Statement{question: q, suggest: suggest})
}

// NewTableStatement is NewStatement for a table with a column for each field. Types are
// those of the columns, as information_schema has them. The error says what the table lacks.
func NewTableStatement(q *Question, suggest bool, types map[string]string) (*Statement, error) {
	s := &Statement{question: q, suggest: suggest}
	s.columns.Table = trinosql.NewTable(types, alwaysText)
	for _, f := range slices.Concat(recordFields, eventFields) {
		if !s.columns.Table.Has(path(f)) {
			return nil, fmt.Errorf("it has no column with the text of %s", strings.Join(f, "."))
		}
	}
	return newStatement(s)
}

// alwaysText reports whether records have a text or nothing at a path.
func alwaysText(p record.Path) bool {
	d := cover.Domain{Kinds: cover.Object, Fields: cloudtrail.AnySchema().Fields}
	for _, st := range p {
		i := slices.IndexFunc(d.Fields, func(f cover.Field) bool { return st.Kind == record.Name && f.Name == st.Name })
		if i < 0 {
			return false
		}
		d = d.Fields[i].Domain
	}
	return d.Kinds&^(cover.Missing|cover.String) == 0
}

func path(f scan.Field) record.Path {
	var path record.Path
	for _, name := range f {
		path = append(path, record.Step{Kind: record.Name, Name: name})
	}
	return path
}

func newStatement(s *Statement) (*Statement, error) {
	q := s.question
	for _, p := range q.Patterns {
		sql, err := trinosql.Translate(p, &s.columns)
		if err != nil {
			return nil, &TextError{p.Text()}
		}
		s.patterns = append(s.patterns, sql)
	}
	for _, f := range slices.Concat(recordFields, eventFields) {
		s.fields = append(s.fields, s.columns.Place(path(f)))
	}
	s.classify()
	s.sets, s.group = groupingSets(s.suggest)
	return s, nil
}

// Exact lists the controls for which the engine gives the matcher's answer on every record
// that it can read: no pattern of their filters leaves one in doubt. Each is listed once.
func (s *Statement) Exact() []string {
	var list, inexact []string
	for _, c := range s.question.Controls {
		list = append(list, c.ID)
		if slices.ContainsFunc(c.Filters, func(f int) bool { return s.patterns[s.question.Filters[f].Pattern].Doubt() != "" }) {
			inexact = append(inexact, c.ID)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(id string) bool { return slices.Contains(inexact, id) })
}

// field is a column with the text of a field; NULL where it is missing or no string.
func (s *Statement) field(i int) string {
	return fmt.Sprintf("CASE WHEN substr(f%d, 1, 1) = '\"' THEN r%d END", s.fields[i], s.fields[i])
}

// Fields of events, behind those of records.
func event(field int) int { return len(recordFields) + field }

// classify lists the classes.
func (s *Statement) classify() {
	q := s.question
	add := func(kind classKind, place int, when string) {
		s.classes = append(s.classes, class{kind, place, when})
	}
	add(allRecords, 0, "true")
	for i := range q.Scopes {
		add(ofScope, i, fmt.Sprintf("near AND s%d", i))
	}
	add(matched, 0, "near AND ("+s.any(every(len(q.Filters)), "a")+")")
	for i := range q.Filters {
		add(byFilter, i, "near AND "+s.hits(i, "m"))
	}
	for i, c := range q.Controls {
		inside := "inside"
		if len(c.Except) > 0 {
			inside += " AND NOT (" + s.any(c.Except, "a") + ")"
		}
		add(ofControl, i, fmt.Sprintf("%s AND (%s)", inside, s.any(c.Filters, "m")))
		if s.undecided(c.Filters) {
			add(undecidedBy, i, fmt.Sprintf("%s AND (%s) AND NOT (%s)", inside, s.any(c.Filters, "a"), s.any(c.Filters, "m")))
		}
		if c.Live && c.Wanted >= 0 {
			add(missedBy, i, fmt.Sprintf("%s AND %s AND NOT (%s)", inside, s.hits(c.Wanted, "m"), s.any(c.Filters, "a")))
		}
	}
}

func every(n int) []int {
	var list []int
	for i := range n {
		list = append(list, i)
	}
	return list
}

// undecided reports whether filters have readings that may differ.
func (s *Statement) undecided(filters []int) bool {
	for _, f := range filters {
		if len(s.patterns[s.question.Filters[f].Pattern].Readings) > 1 {
			return true
		}
	}
	return false
}

// hits is true if a filter matches a record of its scope: under every reading (m) or
// under any (a).
func (s *Statement) hits(filter int, how string) string {
	f := s.question.Filters[filter]
	return fmt.Sprintf("(%s%d AND s%d)", how, f.Pattern, f.Scope)
}

func (s *Statement) any(filters []int, how string) string {
	var list []string
	for _, f := range filters {
		list = append(list, s.hits(f, how))
	}
	if len(list) == 0 {
		return "false"
	}
	return strings.Join(list, " OR ")
}

// A Scan is what of a table is read.
type Scan struct {
	Table             string    // as SQL names it
	Day               string    // its partition for days of delivery; "" for day
	Accounts, Regions []string  // nil where the table has no such partition
	From, To          time.Time // days of delivery, both included
	Only, Without     []string  // files, as "$path" has them; nil: all, none
}

// where is the condition of a scan. Files are chosen by name before they are read.
func (sc *Scan) where() string {
	var list []string
	if sc.Accounts != nil {
		list = append(list, "account IN ("+literals(sc.Accounts)+")")
	}
	if sc.Regions != nil {
		list = append(list, "region IN ("+literals(sc.Regions)+")")
	}
	list = append(list, fmt.Sprintf("%s BETWEEN '%s' AND '%s'", cmp.Or(sc.Day, "day"), sc.From.Format("2006/01/02"), sc.To.Format("2006/01/02")))
	if len(sc.Only) > 0 {
		list = append(list, `"$path" IN (`+literals(sc.Only)+")")
	}
	if len(sc.Without) > 0 {
		list = append(list, `"$path" NOT IN (`+literals(sc.Without)+")")
	}
	return strings.Join(append(list, `regexp_like("$path", `+trinosql.Literal(fileNamePattern)+")"), " AND ")
}

// fileNamePattern is what CloudTrail names its log files, as package logs reads it.
const fileNamePattern = `/[0-9]{12}_CloudTrail_[a-z]{2}(-[a-z]+)+-[0-9]+_([^/]*_)?[0-9]{8}T[0-9]{4}([0-9]{2})?Z(_[^_/]*)?\.json(\.gz)?$`

func literals(texts []string) string {
	var list []string
	for _, t := range texts {
		list = append(list, trinosql.Literal(t))
	}
	return strings.Join(list, ", ")
}

// Files is a statement that lists the files that a scan reads.
func (s *Statement) Files(sc Scan) string {
	return fmt.Sprintf(`SELECT DISTINCT "$path" FROM %s WHERE %s`, sc.Table, sc.where())
}

// SQL is the statement over a scan. Its rows are for Fold.
func (s *Statement) SQL(sc Scan) string {
	var b strings.Builder
	cte := func(name, format string, args ...any) {
		if b.Len() == 0 {
			b.WriteString("WITH ")
		} else {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "%s AS ("+format+")", append([]any{name}, args...)...)
	}
	with := func(list []string) string { return strings.Join(append([]string{"*"}, list...), ", ") }
	if s.columns.Table != nil {
		// Of a file without records the table shows nothing, so that files are not counted.
		cte("e", `SELECT "$path" AS p, false AS head, * FROM %s WHERE %s`, sc.Table, sc.where())
	} else {
		s.lines(cte, sc)
	}
	cte("x", "SELECT %s FROM e", with(s.columns.Values()))
	cte("f", "SELECT %s FROM x", with(s.columns.Texts()))
	cte("r", "SELECT %s FROM f", with(s.columns.Comparables()))
	cte("v", "SELECT %s FROM r", strings.Join(s.verdicts(), ", "))
	cte("w", "SELECT *, %s FROM v", strings.Join(s.windows(), ", "))
	cte("h", "SELECT *, %s AS ks FROM w", s.numbers())
	cte("g", "%s", s.events())
	cte("k", "SELECT %s FROM g CROSS JOIN UNNEST(ks) AS u(k)", strings.Join(s.counted(), ", "))
	b.WriteString("\n" + s.sums())
	return b.String()
}

// lines are records that are one line each.
func (s *Statement) lines(cte func(name, format string, args ...any), sc Scan) {
	cte("c", `SELECT "$path" AS p, CASE WHEN strpos(line, '"Records"', 2) = 0 THEN try(CAST(json_extract(json_parse(line), '$.Records') AS array(json))) END AS records FROM %s WHERE %s`, sc.Table, sc.where())
	cte("e", "SELECT p, d, coalesce(i, 1) = 1 AS head, records IS NULL AS bad FROM c LEFT JOIN UNNEST(records) WITH ORDINALITY AS u(d, i) ON true")
}

// unclear are the conditions on records that the engine does not see enough of to judge, and the one on files without any.
func (s *Statement) unclear() (doubts []string, empty string) {
	if t := s.columns.Table; t != nil {
		return []string{fmt.Sprintf("%s > %d", t.Size(), surelySmall/2)}, "false"
	}
	return []string{"bad", "substr(json_format(d), 1, 1) <> '{'", fmt.Sprintf("length(to_utf8(json_format(d))) > %d", surelySmall)}, "d IS NULL AND NOT bad"
}

// verdicts are what is known of a record by itself.
func (s *Statement) verdicts() []string {
	t := s.field(eventTime)
	minute := fmt.Sprintf("substr(%s, 1, 16)", t)
	sound := fmt.Sprintf(`length(%[1]s) = 20 AND regexp_like(%[1]s, '\A[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z') AND TRY_CAST(substr(%[1]s, 1, 10) AS date) IS NOT NULL`, t)
	if s.question.ByDelivery {
		minute = `regexp_replace(regexp_extract(p, '_([0-9]{8}T[0-9]{4})[0-9]{0,2}Z(_[^_/]*)?\.json(\.gz)?$', 1), '(....)(..)(..)T(..)(..)', '$1-$2-$3T$4:$5')`
	}
	doubts, empty := s.unclear()
	doubts = append(doubts, "NOT coalesce("+sound+", false)", "coalesce("+minute+", '') = ''")
	list := []string{"p", "head", empty + " AS empty", minute + " AS m", t + " AS t"}
	for i, p := range s.patterns {
		if d := p.Doubt(); d != "" {
			doubts = append(doubts, d)
		}
		list = append(list, fmt.Sprintf("coalesce(%s, false) AS m%d, coalesce(%s, false) AS a%d", p.Must(), i, p.May(), i))
	}
	account, region := s.field(recipient), s.field(awsRegion)
	for i, sc := range s.question.Scopes {
		in := []string{"true"}
		if sc.Account != "" {
			in = append(in, fmt.Sprintf("coalesce(%s, '') IN ('', %s)", account, trinosql.Literal(sc.Account)))
		}
		if sc.Region != "" {
			in = append(in, fmt.Sprintf("coalesce(%s, '') IN ('', %s)", region, trinosql.Literal(sc.Region)))
		}
		list = append(list, fmt.Sprintf("%s AS s%d", strings.Join(in, " AND "), i))
	}
	list = append(list, account+" AS account", region+" AS region")
	for i, name := range []string{"id", "source", "name", "failed", "address", "tool"} {
		list = append(list, fmt.Sprintf("%s AS %s", s.field(event(i)), name))
	}
	role, service := s.field(event(issuerARN)), s.field(event(invokedBy))
	list = append(list, role+" AS role", service+" AS service",
		fmt.Sprintf("coalesce(nullif(%s, ''), nullif(%s, ''), nullif(%s, ''), %s) AS who", role, s.field(event(identityARN)), service, s.field(event(identityType))),
		"("+strings.Join(doubts, " OR ")+") AS doubt")
	return list
}

// surelySmall is a size in bytes of the engine's text of a record below which the record
// is not larger than CloudTrail sends to CloudWatch Logs, whatever its escapes.
const surelySmall = 200_000

// windows tell where in time a record is: inside of the window, or near enough for alarms
// to look back to it.
func (s *Statement) windows() []string {
	bound := func(operator string, at time.Time, minutes int64) string {
		if at.IsZero() {
			return "true"
		}
		return fmt.Sprintf("m %s '%s'", operator, at.Add(-time.Duration(minutes)*time.Minute).UTC().Format(minuteLayout))
	}
	before := bound("<", s.question.To, 0)
	return []string{
		fmt.Sprintf("(%s AND %s) AS inside", bound(">=", s.question.From, 0), before),
		fmt.Sprintf("(%s AND %s) AS near", bound(">=", s.question.From, s.question.reach()), before),
	}
}

const minuteLayout = "2006-01-02T15:04"

// numbers is the list of the numbers of a record. An array has room for 254.
func (s *Statement) numbers() string {
	const most = 200
	var arrays []string
	for from := 0; from < len(s.classes); from += most {
		var list []string
		for i, c := range s.classes[from:min(from+most, len(s.classes))] {
			list = append(list, fmt.Sprintf("CASE WHEN %s THEN %d END", c.when, from+i))
		}
		arrays = append(arrays, "ARRAY["+strings.Join(list, ", ")+"]")
	}
	list := arrays[0]
	if len(arrays) > 1 {
		list = "concat(" + strings.Join(arrays, ", ") + ")"
	}
	return fmt.Sprintf("CASE WHEN empty THEN ARRAY[%d] WHEN doubt THEN ARRAY[%d] ELSE filter(%s, k -> k IS NOT NULL) END", noRecord, doubtful, list)
}

// matchedClass is the number of the class matched.
func (s *Statement) matchedClass() int { return 1 + len(s.question.Scopes) }

// events puts records together: copies of an event that matches, and others of one minute
// and place.
func (s *Statement) events() string {
	const sure, hit = "NOT empty AND NOT doubt", "hit"
	columns := []string{"ks"}
	only := func(when string, names ...string) {
		for _, n := range names {
			columns = append(columns, fmt.Sprintf("CASE WHEN %s THEN %s END AS %s", when, n, n))
		}
	}
	only("near AND "+sure, "m", "account", "region")
	columns = append(columns, "CASE WHEN doubt AND NOT empty THEN p END AS file")
	only(hit, "t", "id", "source", "name", "address", "tool", "role", "service", "failed", "who")
	var places []string
	for i := range columns {
		places = append(places, fmt.Sprint(i+1))
	}
	return fmt.Sprintf("SELECT %s, min(p) AS p, count(*) AS n, count_if(head) AS lines FROM (SELECT *, contains(ks, %d) AS hit FROM h) GROUP BY %s",
		strings.Join(columns, ", "), s.matchedClass(), strings.Join(places, ", "))
}

// counted are the columns of a row for each class of a record: what the class does not
// count by is NULL.
func (s *Statement) counted() []string {
	var minutes, events []string
	for i, c := range s.classes {
		switch c.kind {
		case ofControl:
			events = append(events, fmt.Sprint(i))
			minutes = append(minutes, fmt.Sprint(i))
		case allRecords, ofScope, byFilter:
			minutes = append(minutes, fmt.Sprint(i))
		}
	}
	list := []string{"k", fmt.Sprintf("CASE WHEN k IN (%s) THEN m END AS m", strings.Join(minutes, ", ")), "CASE WHEN k = 0 THEN account END AS account", "CASE WHEN k = 0 THEN region END AS region", "file"}
	for _, name := range []string{"who", "address", "tool", "source", "name", "role", "service", "failed"} {
		list = append(list, fmt.Sprintf("CASE WHEN k IN (%s) THEN %s END AS %s", strings.Join(events, ", "), name, name))
	}
	return append(list, "n", "CASE WHEN coalesce(id, '') = '' THEN n ELSE 1 END AS events", "lines",
		"t || chr(10) || coalesce(id, '') || chr(10) || p AS early",
		fmt.Sprintf("translate(t, '0123456789', '%s') || chr(10) || coalesce(id, '') || chr(10) || p AS late", latestFirst))
}

// latestFirst are the digits for which others stand, so that a later time comes first.
const latestFirst = "9876543210"

// A groupingSet is a set of columns by which is counted.
type groupingSet []string

var (
	setTotal     = groupingSet{}
	setMinute    = groupingSet{"m"}
	setPlace     = groupingSet{"account", "region"}
	setFile      = groupingSet{"file"}
	setPrincipal = groupingSet{"who"}
	setAddress   = groupingSet{"address"}
	setTool      = groupingSet{"tool"}
	setName      = groupingSet{"source", "name"}
	setCell      = groupingSet{"m", "role", "service", "failed", "name"}
)

// groupingSets are the sets of a statement, with their columns.
func groupingSets(suggest bool) (sets []groupingSet, columns []string) {
	sets = []groupingSet{setTotal, setMinute, setPlace, setFile, setPrincipal, setAddress, setTool, setName}
	columns = []string{"m", "account", "region", "file", "who", "address", "tool", "source", "name"}
	if suggest {
		sets, columns = append(sets, setCell), append(columns, "role", "service", "failed")
	}
	return sets, columns
}

// mask is what grouping() says of a set: a bit for each column that is not in it.
func (g groupingSet) mask(columns []string) int {
	mask := 0
	for _, column := range columns {
		mask <<= 1
		if !slices.Contains(g, column) {
			mask |= 1
		}
	}
	return mask
}

// sums counts by every set, all cells as texts.
func (s *Statement) sums() string {
	columns := []string{"CAST(grouping(" + strings.Join(s.group, ", ") + ") AS varchar)", "CAST(k AS varchar)"}
	columns = append(columns, s.group...)
	columns = append(columns, "CAST(sum(n) AS varchar)", "CAST(sum(events) AS varchar)", "CAST(sum(lines) AS varchar)", "min(early)",
		fmt.Sprintf("array_join(min(late, %d), chr(10))", max(s.question.Evidence, 1)))
	var sets []string
	for _, g := range s.sets {
		sets = append(sets, "("+strings.Join(append([]string{"k"}, g...), ", ")+")")
	}
	return fmt.Sprintf("SELECT %s FROM k GROUP BY GROUPING SETS (%s)", strings.Join(columns, ", "), strings.Join(sets, ", "))
}
