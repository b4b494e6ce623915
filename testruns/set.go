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

var errDamagedSet = errors.New("a set of tests is damaged")

// DecodeSet is the reverse of EncodeSet.
func DecodeSet(b []byte) ([]TestID, error) {
	if len(b)%8 != 0 {
		return nil, errDamagedSet
	}
	ids := make([]TestID, 0, len(b)/8)
	for ; len(b) > 0; b = b[8:] {
		ids = append(ids, TestID(binary.BigEndian.Uint64(b)))
	}
	return ids, nil
}

// EncodeChange packs a sorted set of tests as what was added to a base, and what was removed from it.
func EncodeChange(base, sorted []TestID) []byte {
	var added, removed []TestID
	for len(base) > 0 || len(sorted) > 0 {
		switch {
		case len(base) == 0 || len(sorted) > 0 && sorted[0] < base[0]:
			added, sorted = append(added, sorted[0]), sorted[1:]
		case len(sorted) == 0 || base[0] < sorted[0]:
			removed, base = append(removed, base[0]), base[1:]
		default:
			base, sorted = base[1:], sorted[1:]
		}
	}
	return slices.Concat(binary.AppendUvarint(nil, uint64(len(added))), EncodeSet(added), EncodeSet(removed))
}

// DecodeChange is the reverse of EncodeChange.
func DecodeChange(base []TestID, b []byte) ([]TestID, error) {
	n, head := binary.Uvarint(b)
	if head <= 0 || n > uint64(len(b)-head)/8 {
		return nil, errDamagedSet
	}
	added, err := DecodeSet(b[head : head+8*int(n)])
	if err != nil {
		return nil, err
	}
	removed, err := DecodeSet(b[head+8*int(n):])
	if err != nil {
		return nil, err
	}
	set := make([]TestID, 0, len(base)+len(added))
	for _, id := range base {
		for len(added) > 0 && added[0] < id {
			set, added = append(set, added[0]), added[1:]
		}
		if len(removed) > 0 && removed[0] == id {
			removed = removed[1:]
			continue
		}
		set = append(set, id)
	}
	return append(set, added...), nil
}

func contains(sorted []TestID, id TestID) bool {
	_, ok := slices.BinarySearch(sorted, id)
	return ok
}
