package testruns

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
)

// SetIDOf is the identity of a sorted set of tests; empty for the empty set.
func SetIDOf(sorted []TestID) SetID {
	if len(sorted) == 0 {
		return ""
	}
	sum := sha256.Sum256(EncodeSet(sorted))
	return SetID(hex.EncodeToString(sum[:12]))
}

// EncodeSet packs a sorted set of tests, eight bytes each, for a store.
func EncodeSet(sorted []TestID) []byte {
	b := make([]byte, 0, 8*len(sorted))
	for _, id := range sorted {
		b = binary.BigEndian.AppendUint64(b, uint64(id))
	}
	return b
}

// DecodeSet is the reverse of EncodeSet.
func DecodeSet(b []byte) ([]TestID, error) {
	if len(b)%8 != 0 {
		return nil, errors.New("a set of tests is damaged")
	}
	ids := make([]TestID, 0, len(b)/8)
	for ; len(b) > 0; b = b[8:] {
		ids = append(ids, TestID(binary.BigEndian.Uint64(b)))
	}
	return ids, nil
}

func contains(sorted []TestID, id TestID) bool {
	_, ok := slices.BinarySearch(sorted, id)
	return ok
}
