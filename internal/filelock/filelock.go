// Package filelock lets one process at a time have something: a lock on a file that ends with the process, however it
// ends.
package filelock

import (
	"errors"
	"fmt"
	"os"
)

// ErrHeld is returned by Take when another process has the lock.
var ErrHeld = errors.New("another process has it")

// Take takes the lock at path, making the file where it is missing. Closing the file gives it back.
func Take(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	held, err := lock(f)
	if err == nil && !held {
		err = ErrHeld
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}
