package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the file for this process, which holds it until it is closed or the process ends, however it ends; held
// is false when another process has it.
func lock(f *os.File) (held bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}
