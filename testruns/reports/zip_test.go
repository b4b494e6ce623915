package reports_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/testruns/reports"
)

// archive makes a zip of name and content in turn.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		require.NoError(t, err)
		_, err = io.WriteString(f, files[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func readBytes(b []byte, limits reports.Limits) (reports.Report, error) {
	return reports.Read(context.Background(), bytes.NewReader(b), limits)
}

const oneCase = `<testsuite><testcase name="a"/></testsuite>`

func TestZipReadsEveryReportInIt(t *testing.T) {
	r, err := readBytes(archive(t, "b/TEST-b.xml", `<testsuite><testcase name="b"><failure/></testcase></testsuite>`,
		"a/results", oneCase, "coverage.xml", "<coverage/>", "shot.png", "\x89PNG", "log.txt", "hello",
		"trace.zip", string(archive(t, "x", "y"))), reports.DefaultLimits())
	require.NoError(t, err)
	require.Equal(t, tally{2, 1, 1, 0, 0, 0}, tallyOf(r))
	require.Equal(t, 2, r.Reports)
	require.Equal(t, reports.Zip, r.Format)
	require.Equal(t, "a", r.Cases[0].Name, "in order of the names")
	require.False(t, r.Partial)
	require.Empty(t, r.Problems)
}

func TestZipWithABadReportIsPartial(t *testing.T) {
	r, err := readBytes(archive(t, "junit-a.xml", oneCase, "junit-b.xml", "oops"), reports.DefaultLimits())
	require.NoError(t, err)
	require.True(t, r.Partial)
	require.Equal(t, 1, r.Tests)
	require.Equal(t, []string{`junit-b.xml: is neither XML nor JSON: it begins with "oops"`}, r.Problems)
}

// Tools write several reports of one run into one folder: it counts once, by the report that knows most.
func TestZipThatTellsOfARunTwice(t *testing.T) {
	of := func(names ...string) []string {
		var files []string
		for _, name := range names {
			b, err := os.ReadFile(filepath.Join("testdata", name))
			require.NoError(t, err)
			files = append(files, "test-results/"+name, string(b))
		}
		return files
	}
	for _, c := range []struct {
		files []string
		want  tally
	}{
		{of("playwright-junit.xml", "playwright.json", "playwright-ctrf.json"), tally{12, 9, 1, 0, 2, 2}},
		{of("gotestsum-rerun.xml", "go-test-rerun.json"), tally{7, 3, 3, 0, 1, 1}},
		{of("mocha-junit-reporter.xml", "mocha-ctrf.json", "mocha-xunit.xml"), tally{7, 3, 2, 0, 2, 1}},
		{append(of("playwright-junit.xml", "playwright.json"), "backend/junit.xml", oneCase, "package.json", "{}"), tally{13, 10, 1, 0, 2, 2}},
		{of("playwright-junit.xml", "jest-ctrf.json"), tally{19, 13, 2, 0, 4, 1}},
		{[]string{"a.xml", oneCase, "b.xml", oneCase, "c.json", `{"results":{"tests":[{"name":"b","status":"passed"}]}}`}, tally{3, 3, 0, 0, 0, 0}},
	} {
		r, err := readBytes(archive(t, c.files...), reports.DefaultLimits())
		require.NoError(t, err)
		require.Equal(t, c.want, tallyOf(r), "%v", c.files[0])
		require.False(t, r.Partial)
	}
}

func TestZipRefusals(t *testing.T) {
	small := reports.DefaultLimits()
	small.Bytes, small.Entries, small.Archive = 1<<20, 2, 10<<10
	noise := make([]byte, 20<<10)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	deep := archive(t, "junit.xml", strings.Repeat("<testsuite>", 1000))
	for want, b := range map[string][]byte{
		"reports in another zip":         archive(t, "inner.zip", string(archive(t, "junit.xml", oneCase))),
		"unpacks to more than 1 MB":      archive(t, "junit.xml", strings.Repeat(" ", 2<<20)),
		"more than 2 entries":            archive(t, "a", "", "b", "", "c", ""),
		"a zip of more than 0 MB":        archive(t, "noise", string(noise)),
		"none of which is a test report": archive(t, "a.txt", "x"),
		"cannot be opened":               []byte("PK\x03\x04 and then nothing of a zip"),
		"junit.xml: nests elements ":     deep,
	} {
		_, err := readBytes(b, small)
		require.ErrorContains(t, err, want)
		var e *reports.Error
		require.ErrorAs(t, err, &e)
	}
}

// A zip that lies about its sizes is stopped by the bytes that really come.
func TestZipThatLiesAboutItsSize(t *testing.T) {
	b := archive(t, "junit.xml", "<testsuite>"+strings.Repeat(" ", 2<<20)+"</testsuite>")
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	copy(b[at+24:], []byte{1, 0, 0, 0}) // uncompressed size in the directory
	limits := reports.DefaultLimits()
	limits.Bytes = 1 << 20
	r, err := readBytes(b, limits)
	if err == nil {
		require.True(t, r.Partial)
		require.NotEmpty(t, r.Problems)
	}
}

func TestDamagedZipKeepsWhatCameBefore(t *testing.T) {
	var cases strings.Builder
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		cases.WriteString(`<testcase name="` + strings.Repeat(string(rune('a'+rnd.IntN(26))), rnd.IntN(30)) + `"/>`)
	}
	b := archive(t, "junit.xml", "<testsuite>"+cases.String()+"</testsuite>")
	for i := len(b) / 2; i < len(b)/2+200; i++ {
		b[i] ^= 0x55
	}
	r, err := readBytes(b, reports.DefaultLimits())
	require.NoError(t, err)
	require.True(t, r.Partial)
	require.Contains(t, strings.Join(r.Problems, "\n"), "is damaged")
}

func TestLargeZipIsSpooled(t *testing.T) {
	noise := make([]byte, 5<<20)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	limits := reports.DefaultLimits()
	limits.Dir = t.TempDir()
	b := archive(t, "junit.xml", oneCase, "noise.bin", string(noise))
	r, err := readBytes(b, limits)
	require.NoError(t, err)
	require.Equal(t, 1, r.Tests)
	left, err := os.ReadDir(limits.Dir)
	require.NoError(t, err)
	require.Empty(t, left)

	path := filepath.Join(t.TempDir(), "a.zip")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	r, err = reports.Read(context.Background(), f, limits)
	require.NoError(t, err)
	require.Equal(t, 1, r.Tests)
}
