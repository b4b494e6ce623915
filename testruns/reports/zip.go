package reports

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// inMemory is how large a zip may be that is held in memory; larger ones go to a temporary file.
const inMemory = 4 << 20

// readZip reads every report in a zip. What is no report (coverage, pictures, logs) is passed over; what tries to be
// one and cannot be read makes the whole partial.
func readZip(ctx context.Context, r io.Reader, in *input, limits Limits, visit func(Case)) (Report, error) {
	data, size, done, err := seekable(r, in, limits)
	if err != nil {
		return Report{}, err
	}
	defer done()
	archive, err := zip.NewReader(data, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return Report{}, notReport("is a zip that cannot be opened: %v", err)
	}
	if len(archive.File) > limits.Entries {
		return Report{}, refused("is a zip of more than %d entries", limits.Entries)
	}
	var unpacked uint64
	for _, f := range archive.File {
		if unpacked += f.UncompressedSize64; f.UncompressedSize64 > uint64(limits.Bytes) || unpacked > uint64(limits.Bytes) {
			return Report{}, refused("is a zip that unpacks to more than %d MB", limits.Bytes>>20)
		}
	}
	z := &zipReader{ctx: ctx, left: limits.Bytes, c: &collector{limits: limits, visit: visit}}
	return z.read(archive)
}

// seekable makes a zip readable from its end, as zips are.
func seekable(r io.Reader, in *input, limits Limits) (io.ReaderAt, int64, func(), error) {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			if info.Size() > limits.Archive {
				return nil, 0, nil, refused("is a zip of more than %d MB", limits.Archive>>20)
			}
			return f, info.Size(), func() {}, nil
		}
	}
	in.left = limits.Archive
	small, err := io.ReadAll(io.LimitReader(in, inMemory))
	if err != nil {
		return nil, 0, nil, archiveError(err, limits)
	}
	if len(small) < inMemory {
		return bytes.NewReader(small), int64(len(small)), func() {}, nil
	}
	f, err := os.CreateTemp(limits.Dir, "bellhop-report-*.zip")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("spool zip: %w", err)
	}
	done := func() {
		// The file is ours and temporary; failing to remove it harms nothing that reading promised.
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	size, err := io.Copy(f, io.MultiReader(bytes.NewReader(small), in))
	if err != nil {
		done()
		return nil, 0, nil, archiveError(err, limits)
	}
	return f, size, done, nil
}

// archiveError gives the limit of a zip its own words.
func archiveError(err error, limits Limits) error {
	var e *Error
	if errors.As(err, &e) && e.Reason == Refused {
		return refused("is a zip of more than %d MB", limits.Archive>>20)
	}
	return fmt.Errorf("read zip: %w", err)
}

// zipReader reads the entries one after another under common limits.
type zipReader struct {
	ctx    context.Context
	left   int64 // bytes that may still be unpacked
	nested int   // zips inside the zip, passed over
	c      *collector
}

func (z *zipReader) read(archive *zip.Reader) (Report, error) {
	z.c.report.Format = Zip
	files := slices.Clone(archive.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	files = slices.DeleteFunc(files, func(f *zip.File) bool { return f.FileInfo().IsDir() })
	others := 0
	again := z.again(files)
	for _, f := range files {
		if again[f] {
			continue
		}
		found, err := z.entry(f)
		if err != nil {
			return Report{}, err
		}
		if found {
			z.c.report.Reports++
		} else {
			others++
		}
	}
	if z.c.report.Reports == 0 && z.nested > 0 {
		return Report{}, refused("is a zip that holds its reports in another zip (%d of them), which is not opened", z.nested)
	}
	if z.c.report.Reports == 0 && !z.c.report.Partial {
		return Report{}, notReport("is a zip of %d files, none of which is a test report", others)
	}
	return z.c.report, nil
}

// entry reads one file of the zip; found is false for what is no report. An error ends the reading of all.
func (z *zipReader) entry(f *zip.File) (found bool, err error) {
	z.c.entry = shorten(clean(f.Name), 200)
	body, err := f.Open()
	if err != nil {
		z.c.partial("cannot be unpacked: %v", err)
		return false, nil
	}
	defer func() { _ = body.Close() }() // reading has told every error already
	data := &damageable{r: body}
	in := &input{ctx: z.ctx, left: z.left}
	before := z.c.report.Format
	err = z.one(in, data)
	z.left = in.left
	z.c.report.Format = before
	if data.err != nil && z.ctx.Err() == nil {
		z.c.partial("is damaged: %v", data.err)
	}
	if err == nil {
		return true, nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return false, err
	}
	if e.Reason == Refused {
		return false, refused("%s: %s", z.c.entry, e.Text)
	}
	if namedReport(f.Name) {
		z.c.partial("%s", e.Text)
	}
	return false, nil
}

func (z *zipReader) one(in *input, body io.Reader) error {
	head, err := in.open(body)
	if err != nil {
		return err
	}
	if isZip(head) {
		z.nested++
		return notReport("is a zip inside a zip")
	}
	return readOne(in, z.c)
}

// damageable ends where its data cannot be unpacked any further, so that what came before is kept.
type damageable struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (d *damageable) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		d.err, err = err, io.EOF
	}
	return n, err
}

// namedReport tells whether a file's name claims to be a test report, so that its not being one is worth a word.
func namedReport(name string) bool {
	name = strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	switch path.Ext(name) {
	case ".xml":
		return strings.HasPrefix(name, "test-") || strings.Contains(name, "junit") || strings.Contains(name, "test-result")
	case ".json":
		return strings.Contains(name, "ctrf") || strings.Contains(name, "test-report")
	}
	return path.Ext(name) == ".trx"
}
