package testrunstest_test

import (
	"testing"

	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
)

func TestStore(t *testing.T) {
	testrunstest.Suite(t, func(*testing.T) (testruns.Store, testrunstest.Scheduled) {
		s := testrunstest.NewStore()
		return s, s.Scheduled
	})
}
