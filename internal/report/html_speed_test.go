package report

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkPage opens the page of 10,000 findings in Chromium, beside a page without content of
// as many bytes, and looks for something.
func BenchmarkPage(b *testing.B) {
	var page bytes.Buffer
	if err := HTML(&page, large(), Options{Version: "1.2.3", Controls: someControls()}); err != nil {
		b.Fatal(err)
	}
	benchmarkPage(b, page.Bytes())
}

// benchmarkPage reports how long a page takes to open and to filter, in milliseconds, how many
// elements it has, and the ratio to a bare page of the same bytes.
func benchmarkPage(b *testing.B, page []byte) {
	br := startBrowser(b)
	bare := []byte("<!DOCTYPE html><title>x</title><noscript>" + string(bytes.Repeat([]byte("all the same "), len(page)/13)) + "</noscript><p>x")
	var ms, bareMS, search float64
	var nodes int
	for b.Loop() {
		bareMS += opened(br, bare)
		ms += opened(br, page)
		nodes = eval[int](br, "document.querySelectorAll('*').length")
		search += eval[float64](br, searchTime)
	}
	n := float64(b.N)
	b.ReportMetric(float64(len(page))/1e6, "MB")
	b.ReportMetric(ms/n, "ms/open")
	b.ReportMetric(bareMS/n, "ms/bare")
	b.ReportMetric(ms/bareMS, "ratio")
	b.ReportMetric(search/n, "ms/search")
	b.ReportMetric(float64(nodes), "nodes")
}

// opened opens a page and returns how long it took until something was painted, in milliseconds.
func opened(b *browser, page []byte) float64 {
	b.open(page)
	b.settle()
	return eval[float64](b, `Math.max(performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd, performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0)`)
}

// searchTime types something that is found in every part of the data, and waits for the layout: at once, and
// once more when the words are known. It is the longer one.
var searchTime = fmt.Sprintf(`(() => {
	const q = document.getElementById("q");
	let most = 0;
	for (const text of ["%s", "%s"]) {
		const start = performance.now();
		q.value = text;
		q.dispatchEvent(new Event("input"));
		document.body.getBoundingClientRect();
		most = Math.max(most, performance.now() - start);
	}
	return most;
})()`, "confirmation 0006", "zzz")
