package conformance

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/sqlengine"
	"github.com/monitorctl/monitorctl/internal/trino"
)

const (
	// requireTrino makes TestTrino fail, instead of being skipped, where the server
	// or a JDK for it is missing. .ci/run sets it.
	requireTrino = "MONITORCTL_REQUIRE_TRINO"

	// trinoHome is the variable with the directory of the unpacked server.
	trinoHome = "MONITORCTL_TEST_TRINO"

	// trinoJava is the oldest Java that runs it.
	trinoJava = 24

	// trinoTimeout is for two nodes that start on a busy machine.
	trinoTimeout = 4 * time.Minute
)

// A trinoCluster is a running Trino: a coordinator, which works too, and perhaps a
// worker.
type trinoCluster struct {
	url   string
	store string // the directory that local:/// is
	java  string // the home of a JDK
	home  string // of the server
	s3    string // the endpoint of an S3; "" for none
}

// newTrino starts a coordinator or ends the test.
func newTrino(t *testing.T, s3 string) *trinoCluster {
	t.Helper()
	c := &trinoCluster{home: os.Getenv(trinoHome), s3: s3, store: t.TempDir()}
	if _, err := os.Stat(filepath.Join(c.home, "bin", "launcher")); c.home == "" || err != nil {
		skipTrino(t, trinoHome+" does not name the directory of a Trino server")
	}
	if c.java = javaHome(t, trinoJava); c.java == "" {
		skipTrino(t, fmt.Sprintf("there is no JDK %d or newer in JAVA_HOME or below /usr/lib/jvm, which Trino needs", trinoJava))
	}
	if err := os.Mkdir(filepath.Join(c.store, "metastore"), 0o700); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	c.url = "http://127.0.0.1:" + port
	c.start(t, "coordinator", port)
	return c
}

func skipTrino(t *testing.T, missing string) {
	t.Helper()
	if os.Getenv(requireTrino) != "" {
		t.Fatalf("%s, and %s is set", missing, requireTrino)
	}
	t.Skip(missing)
}

// javaHome finds the newest JDK that is not older than least; "" for none.
func javaHome(t *testing.T, least int) string {
	t.Helper()
	homes, err := filepath.Glob("/usr/lib/jvm/*")
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`version "(\d+)`)
	best := ""
	for _, home := range append(homes, os.Getenv("JAVA_HOME")) {
		out, err := exec.Command(filepath.Join(home, "bin", "java"), "-version").CombinedOutput()
		m := number.FindSubmatch(out)
		if err != nil || m == nil {
			continue
		}
		if v, err := strconv.Atoi(string(m[1])); err == nil && v >= least {
			best, least = home, v
		}
	}
	return best
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start starts a node, which ends with the test, and waits until it answers.
func (c *trinoCluster) start(t *testing.T, role, port string) {
	t.Helper()
	dir := t.TempDir()
	coordinator := role == "coordinator"
	config := fmt.Sprintf("coordinator=%t\nhttp-server.http.port=%s\ndiscovery.uri=%s\n", coordinator, port, c.url)
	if coordinator {
		config += "node-scheduler.include-coordinator=true\n"
	}
	local := "hive.metastore=file\nhive.metastore.catalog.dir=local:///metastore\nfs.native-local.enabled=true\nlocal.location=" + c.store + "\nhive.metastore.disable-location-checks=true\n"
	files := map[string]string{
		"etc/node.properties":   "node.environment=test\nnode.id=" + role + "\nnode.bind-ip=127.0.0.1\nnode.internal-address=127.0.0.1\n",
		"etc/config.properties": config,
		"etc/jvm.config": strings.TrimSpace(strings.Join([]string{"-server", "-Xmx1G", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError", "-Djdk.attach.allowAttachSelf=true",
			"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", quickly()}, "\n")) + "\n",
		"etc/catalog/hive.properties": "connector.name=hive\n" + local,
	}
	if c.s3 != "" {
		files["etc/catalog/s3.properties"] = "connector.name=hive\n" + local + "fs.native-s3.enabled=true\ns3.endpoint=" + c.s3 +
			"\ns3.path-style-access=true\ns3.region=us-east-1\ns3.aws-access-key=" + keyID + "\ns3.aws-secret-key=" + secret + "\n"
	}
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command(filepath.Join(c.home, "bin", "launcher"), "--etc-dir", filepath.Join(dir, "etc"), "--data-dir", filepath.Join(dir, "data"), "run")
	node.Env = append(environ("JAVA_HOME=", "PATH="), "JAVA_HOME="+c.java, "PATH="+filepath.Join(c.java, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	node.Stdout, node.Stderr = log, log
	if err := node.Start(); err != nil {
		t.Fatalf("starting Trino: %v", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- node.Wait() }()
	t.Cleanup(func() {
		_ = node.Process.Kill() // the launcher has become the server
		if err := <-exited; err != nil && t.Failed() {
			t.Log(err)
		}
		if t.Failed() {
			t.Logf("end of the log of the %s:\n%s", role, endOf(log.Name()))
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	address := "http://127.0.0.1:" + port
	for deadline := time.Now().Add(trinoTimeout); ; time.Sleep(500 * time.Millisecond) {
		select {
		case err := <-exited:
			exited <- err
			t.Fatalf("Trino ended at once: %v\n%s", err, endOf(log.Name()))
		default:
		}
		var info struct {
			Starting bool `json:"starting"`
		}
		if get(address+"/v1/info", &info) == nil && !info.Starting {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Trino has not started within %s\n%s", trinoTimeout, endOf(log.Name()))
		}
	}
}

// quickly is an option of the JVM: what is asked in tests is over before code that takes
// long to compile would pay. Nothing is measured with it.
func quickly() string {
	if os.Getenv(speedLogs) != "" {
		return ""
	}
	return "-XX:TieredStopAtLevel=1"
}

// endOf returns the end of a log, without what is no news.
func endOf(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := slices.DeleteFunc(strings.Split(string(data), "\n"), func(line string) bool { return strings.Contains(line, "\tINFO\t") })
	return strings.Join(lines[max(0, len(lines)-logShown):], "\n")
}

// get reads JSON from a server.
func get(url string, v any) error {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("X-Trino-User", "test")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(v)
}

// worker adds a worker to a cluster and waits until it is used.
func (c *trinoCluster) worker(t *testing.T) {
	t.Helper()
	c.start(t, "worker", freePort(t))
	for deadline := time.Now().Add(trinoTimeout); ; time.Sleep(time.Second) {
		nodes := c.rows(t, "SELECT node_id FROM system.runtime.nodes WHERE state = 'active'")
		if len(nodes) == 2 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the worker is not used: %v", nodes)
		}
	}
}

// open prepares the program's client.
func (c *trinoCluster) open(t *testing.T, o trino.Config) sqlengine.Engine {
	t.Helper()
	o.URL, o.User = c.url, "test"
	s, err := trino.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rows asks the server.
func (c *trinoCluster) rows(t *testing.T, statement string) [][]string {
	t.Helper()
	var list [][]string
	_, err := c.open(t, trino.Config{Catalog: "hive"}).Query(t.Context(), statement, func(row []string) error {
		list = append(list, slices.Clone(row))
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%.3000s", err, statement)
	}
	return list
}
