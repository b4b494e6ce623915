package catalog

import (
	"strings"
)

// AnnotationPackages is what an entity's packages are called, with commas between: com.acme.payments, @acme/payments, go.acme.dev/pay.
// What stands under them is the entity's too.
const AnnotationPackages = "bellhop.dev/packages"

// The key types by which a pasted text finds what it is about.
const (
	KeyLink    KeyType = "link"    // an address as of addressKeys
	KeyHost    KeyType = "host"    // of a link, without its port
	KeyTeam    KeyType = "team"    // of a Group: owner/team
	KeyPackage KeyType = "package" // as the annotation has it
	KeyPath    KeyType = "path"    // owner/repo/folder, of what is a part of its repository
	KeyFolder  KeyType = "folder"  // the folder alone
	KeyMailbox KeyType = "mailbox" // the e-mail address of a Group
)

// placeKeys are under what an entity is found by what belongs to it; at most most of one sort.
func placeKeys(e Entity, most int, add func(keyType KeyType, text string)) {
	for _, key := range keysOfLinks(e.Links[:min(len(e.Links), most)]) {
		add(key.Type, key.Key)
	}
	packages := commaList(e.Annotations[AnnotationPackages])
	for _, name := range packages[:min(len(packages), most)] {
		add(KeyPackage, name)
	}
	if slug, ok := e.Repository(); ok && e.Path() != "" {
		add(KeyPath, slug+"/"+e.Path())
		add(KeyFolder, e.Path())
	}
	if e.Is(KindGroup) {
		add(KeyTeam, strings.TrimPrefix(e.Annotations[AnnotationTeam], "@"))
		add(KeyMailbox, e.Email())
	}
}
