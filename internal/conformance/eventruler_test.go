package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

// requireJava makes TestEventRuler fail, instead of being skipped, where Java or
// Maven is not installed.
const requireJava = "MONITORCTL_REQUIRE_JAVA"

// A pair is one question to AWS's engine.
type pair struct {
	Pattern string `json:"pattern"`
	Event   string `json:"event"`
}

// TestEventRuler asks AWS's own engine about generated patterns and events, and
// demands that package eventpattern answers the same.
func TestEventRuler(t *testing.T) {
	engine := buildEngine(t)
	const pairs = 24_000
	r := rand.New(rand.NewPCG(1, 8))
	list := make([]pair, 0, pairs)
	for len(list) < pairs {
		pattern := randomPattern(r)
		for range 4 {
			list = append(list, pair{pattern, randomEvent(r)})
		}
	}
	answers := ask(t, engine, list)
	seen, undetermined := map[string]int{}, 0
	for i, p := range list {
		got := ourAnswer(p)
		seen[answers[i]]++
		if got == eventpattern.Undetermined.String() {
			undetermined++
			continue
		}
		if got != answers[i] {
			t.Errorf("pattern %s\nevent %s\ngot %s, the engine says %s", p.Pattern, p.Event, got, answers[i])
		}
	}
	for _, answer := range []string{"match", "no match", "refused"} {
		if seen[answer] < pairs/100 {
			t.Errorf("only %d answers are %q: the generator does not ask enough", seen[answer], answer)
		}
	}
	if undetermined > pairs/200 {
		t.Errorf("%d of %d answers are undetermined: more than the uncertain rules explain", undetermined, pairs)
	}
	t.Logf("%d pairs: %v, %d undetermined", len(list), seen, undetermined)
}

func ourAnswer(p pair) string {
	pattern, err := eventpattern.Parse(p.Pattern)
	if err != nil {
		return "refused"
	}
	if _, err := eventpattern.Decode([]byte(p.Event)); err != nil {
		return "no event"
	}
	return pattern.Match([]byte(p.Event)).String()
}

// buildEngine compiles the harness in a directory of its own and returns the
// class path.
func buildEngine(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing := tool + " is not in the PATH; AWS's engine for event patterns needs Java and Maven"
			if os.Getenv(requireJava) != "" {
				t.Fatalf("%s, and %s is set: %v", missing, requireJava, err)
			}
			t.Skip(missing)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("eventruler")); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("mvn", "-q", "-B", "-f", filepath.Join(dir, "pom.xml"), "compile")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the harness: %v\n%s", err, out)
	}
	libraries, err := os.ReadFile(filepath.Join(dir, "target", "classpath"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "target", "classes") + string(os.PathListSeparator) + strings.TrimSpace(string(libraries))
}

// ask returns the engine's answers in the order of the pairs.
func ask(t *testing.T, classPath string, list []pair) []string {
	t.Helper()
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, p := range list {
		if err := encoder.Encode(p); err != nil {
			t.Fatal(err)
		}
	}
	var stderr bytes.Buffer
	java := exec.Command("java", "-cp", classPath, "Main")
	java.Stdin, java.Stderr = &in, &stderr
	out, err := java.Output()
	if err != nil {
		t.Fatalf("running the engine: %v\n%s", err, stderr.Bytes())
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(list) {
		t.Fatalf("%d answers to %d pairs", len(answers), len(list))
	}
	return answers
}

var (
	eventNames       = []string{"a", "b", "c", "a.b"}
	eventTexts       = []string{"", "x", "X", "xy", "yx", "10.0.0.1", "10.0.0.01", "::1", "0:0:0:0:0:0:0:1", "ß", "SS", "x*y", "1", "İ", "k", "\u212a", "256.0.0.1", "::ffff:a00:1", "ffff::", "1111:1111::"}
	eventNumbers     = []string{"0", "-0", "1", "1.0", "1e0", "-1", "5", "100", "0.1", "1e400", "9007199254740993", "11111111", "1E-2", "2.50"}
	patternAddresses = []string{"10.0.0.0/8", "0.0.0.0/0", "16.0.0.0/4", "::/0", "::/64", "10.0.0.1/31", "17.17.17.17/31", "10.0.0.1/32", "x/8"}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func quoted(text string) string {
	b, _ := json.Marshal(text) // a string has no failure
	return string(b)
}

// randomPattern returns a pattern that is mostly well formed.
func randomPattern(r *rand.Rand) string { return randomObject(r, 3) }

func randomObject(r *rand.Rand, depth int) string {
	var members []string
	for range 1 + r.IntN(3) {
		switch n := r.IntN(10); {
		case depth > 0 && n < 3:
			members = append(members, quoted(pick(r, eventNames))+":"+randomObject(r, depth-1))
		case depth > 0 && n == 3:
			members = append(members, fmt.Sprintf(`"$or":[%s,%s]`, randomObject(r, depth-1), randomObject(r, depth-1)))
		default:
			members = append(members, quoted(pick(r, eventNames))+":["+commaList(r, randomValue)+"]")
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// commaList joins one to three items.
func commaList(r *rand.Rand, item func(*rand.Rand) string) string {
	list := []string{item(r)}
	for r.IntN(3) == 0 && len(list) < 3 {
		list = append(list, item(r))
	}
	return strings.Join(list, ",")
}

func randomText(r *rand.Rand) string { return quoted(pick(r, eventTexts)) }

func randomNumber(r *rand.Rand) string { return pick(r, eventNumbers) }

func randomValue(r *rand.Rand) string {
	if r.IntN(6) == 0 { // addresses and numbers side by side have a rule of their own
		return pick(r, []string{"5", "1e0", `"17.17.17.17"`, `{"cidr":"::/0"}`, `{"cidr":"16.0.0.0/4"}`})
	}
	switch r.IntN(15) {
	case 0, 1, 2:
		return randomText(r)
	case 3:
		return randomNumber(r)
	case 4:
		return pick(r, []string{"true", "false", "null"})
	case 5:
		return fmt.Sprintf(`{"%s":%s}`, pick(r, []string{"prefix", "suffix", "equals-ignore-case", "exactly"}), randomText(r))
	case 6:
		return fmt.Sprintf(`{"%s":{"equals-ignore-case":%s}}`, pick(r, []string{"prefix", "suffix"}), randomText(r))
	case 7:
		return fmt.Sprintf(`{"wildcard":%s}`, quoted(pick(r, []string{"*", "x*", "*x", "*x*y*", `x\*y`, "x**", `\x`, "1*.0.*1"})))
	case 8:
		return fmt.Sprintf(`{"cidr":%s}`, quoted(pick(r, patternAddresses)))
	case 9, 10:
		return fmt.Sprintf(`{"exists":%t}`, r.IntN(3) == 0)
	case 11:
		return fmt.Sprintf(`{"numeric":["%s",%s]}`, pick(r, []string{"=", "<", "<=", ">", ">="}), randomNumber(r))
	case 12:
		return fmt.Sprintf(`{"numeric":["%s",%s,"%s",%s]}`, pick(r, []string{">", ">="}), randomNumber(r), pick(r, []string{"<", "<="}), randomNumber(r))
	case 13:
		return fmt.Sprintf(`{"anything-but":[%s]}`, commaList(r, pickItem(r)))
	default:
		return fmt.Sprintf(`{"anything-but":{"%s":[%s]}}`, pick(r, []string{"prefix", "suffix", "equals-ignore-case", "wildcard"}), commaList(r, randomText))
	}
}

// pickItem keeps the values of most lists of one type.
func pickItem(r *rand.Rand) func(*rand.Rand) string {
	if r.IntN(2) == 0 {
		return randomText
	}
	return randomNumber
}

func randomEvent(r *rand.Rand) string { return randomEventObject(r, 3) }

func randomEventObject(r *rand.Rand, depth int) string {
	var members []string
	for range r.IntN(4) {
		members = append(members, quoted(pick(r, eventNames))+":"+randomEventValue(r, depth))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func randomEventValue(r *rand.Rand, depth int) string {
	switch n := r.IntN(12); {
	case depth > 0 && n < 3:
		return randomEventObject(r, depth-1)
	case depth > 0 && n < 6:
		var list []string
		for range r.IntN(4) {
			list = append(list, randomEventValue(r, depth-1))
		}
		return "[" + strings.Join(list, ",") + "]"
	case n < 8:
		return randomNumber(r)
	case n == 8:
		return pick(r, []string{"true", "false", "null"})
	default:
		return randomText(r)
	}
}
