//go:build unix

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the file for this process, which holds it until it is closed or the process ends, however it ends; held
// is false when another process has it.
func lock(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
