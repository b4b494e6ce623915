// Package jsonlines keeps a journal: a file of JSON values, a line each. Every line is one write, and a write that the
// kernel took outlives kill -9; a line that was cut off by one belongs to something that nobody was told of.
package jsonlines

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
)

// File is a journal that is written to. The zero File keeps nothing. It is not safe for concurrent use.
type File struct {
	file *os.File
	size int64 // up to the end of the last whole line
}

// Read hands out the whole lines of the file at path, in order, and tells where the last of them ends. No file is an empty
// one. An error of line is wrapped with its place.
func Read(path string, line func([]byte) error) (size int64, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // it was only read
	in := bufio.NewReader(file)
	for number := 1; ; number++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err == nil {
			err = line(text)
		}
		if err != nil {
			return size, fmt.Errorf("%s:%d: %w", path, number, err)
		}
		size += int64(len(text))
	}
}

// Continue goes on at size in the file at path; what stands behind is dropped. A file that does not exist is made, for its
// owner alone.
func Continue(path string, size int64) (*File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(size); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{file, size}, nil
}

// Replace puts a file with these values in the place of the one at path, which stays whole until then, and goes on in it.
func Replace(path string, values iter.Seq[any]) (f *File, err error) {
	fresh, err := Continue(path+".new", 0)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, fresh.Close())
		}
	}()
	out := bufio.NewWriter(fresh.file)
	for value := range values {
		line, err := encoded(value)
		if err != nil {
			return nil, err
		}
		n, err := out.Write(line)
		if err != nil {
			return nil, err
		}
		fresh.size += int64(n)
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	return fresh, os.Rename(path+".new", path)
}

// Append adds a value. After an error the file is as it was before, as far as the disk allows.
func (f *File) Append(value any) error {
	if f.file == nil {
		return nil
	}
	line, err := encoded(value)
	if err != nil {
		return err
	}
	if _, err := f.file.Write(line); err != nil {
		return errors.Join(err, f.file.Truncate(f.size)) // else the next line would begin in the middle of this one
	}
	f.size += int64(len(line))
	return nil
}

func encoded(value any) ([]byte, error) {
	line, err := json.Marshal(value)
	return append(line, '\n'), err
}

// Close closes the file; appending fails after that. It may be called at any time.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
