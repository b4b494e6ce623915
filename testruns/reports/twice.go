package reports

import (
	"archive/zip"
	"hash/maphash"
	"io"
	"slices"
	"strings"
)

// Tools write several reports of one run, as Playwright does with its junit and json reporters, and they end up in one zip.
// Such a run must not count twice: of the reports that tell of the same run, the one that knows most of it is read.

// knows is how much a format tells of a run, beside the others. JUnit's writers often hide retries.
func knows(f Format) int { return slices.Index([]Format{JUnit, TRX, GoTest, CTRF, Playwright}, f) }

// told is what two reports of one run have in common, whatever their formats: how many cases were executed, how many of
// them failed, and how they are called, as far as the formats agree on that.
type told struct {
	executed, bad int
	names         uint64
}

// take adds one case. Formats put a suite's name before the case's or leave it out: the last word is common.
func (t *told) take(seed maphash.Seed, k Case) {
	if k.Outcome == Skipped { // which some writers leave out
		return
	}
	t.executed++
	if k.Outcome != Passed {
		t.bad++
	}
	if word := k.Name[strings.LastIndexByte(k.Name, ' ')+1:]; !strings.HasPrefix(k.Name, "(") && word != "TestMain" {
		t.names += maphash.String(seed, word) // their order differs
	}
}

// again finds the files of a zip that tell once more what another, of another format, tells better.
func (z *zipReader) again(files []*zip.File) map[*zip.File]bool {
	seed := maphash.MakeSeed()
	best := map[told]*zip.File{}
	formats := map[*zip.File]Format{}
	tells := map[*zip.File]told{}
	for _, f := range z.mixed(files) {
		var t told
		probe := &zipReader{ctx: z.ctx, c: &collector{limits: z.c.limits, visit: func(k Case) { t.take(seed, k) }}}
		body, err := f.Open()
		if err != nil {
			continue
		}
		err = probe.one(&input{ctx: z.ctx, left: z.left}, &damageable{r: body})
		_ = body.Close() // what it could tell is told again when the file is read
		if err != nil || t.executed == 0 {
			continue
		}
		formats[f], tells[f] = probe.c.report.Format, t
		if known := best[t]; known == nil || knows(formats[f]) > knows(formats[known]) {
			best[t] = f
		}
	}
	drop := map[*zip.File]bool{}
	for f, t := range tells {
		drop[f] = formats[f] != formats[best[t]]
	}
	return drop
}

// mixed are the files that may be reports, if some of them are XML and some JSON; else nothing can be told twice.
func (z *zipReader) mixed(files []*zip.File) []*zip.File {
	var xml, all []*zip.File
	head := make([]byte, sniffLen)
	for _, f := range files {
		body, err := f.Open()
		if err != nil {
			continue
		}
		n, _ := io.ReadFull(body, head) // a file that cannot be read shows as one when it is
		_ = body.Close()
		if isZip(head[:n]) {
			continue
		}
		if _, err := detect(head[:n]); err == nil {
			all = append(all, f)
			if strings.HasPrefix(strings.TrimLeft(string(head[:min(n, 64)]), "\xef\xbb\xbf \r\n\t"), "<") {
				xml = append(xml, f)
			}
		}
	}
	if len(xml) == 0 || len(xml) == len(all) {
		return nil
	}
	return all
}
