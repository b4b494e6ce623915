package catalog

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store.
var (
	// ErrNotFound tells that no entity has that reference.
	ErrNotFound = errors.New("no such entity")
	// ErrRefreshing tells that another process is refreshing the catalog just now, or has taken over from this one.
	ErrRefreshing = errors.New("another process is refreshing the catalog")
)

// KeyType is a way by which an entity is looked up.
type KeyType string

// The key types. Keys are in lower case.
const (
	KeyName       KeyType = "name"
	KeyTitle      KeyType = "title"
	KeyAlias      KeyType = "alias"
	KeyRepository KeyType = "repository" // owner/repo
	KeyRepoName   KeyType = "repo"       // repo alone
	KeyChannel    KeyType = "channel"    // of a team or component: a name without #, or an id
	KeySlackUser  KeyType = "slack"      // of a User
	KeyEmail      KeyType = "email"      // of a User
	KeyLogin      KeyType = "login"      // of a User: the GitHub login
)

// Key is one thing under which an entity is found.
type Key struct {
	Type KeyType
	Key  string
}

// Related is the other end of a relation; Found is false where nothing in the catalog has that name, and Entity then
// holds the reference alone.
type Related struct {
	Entity Entity
	Found  bool
}

// Described is an entity with all that it stands in relation to. It is the Source of each of its relations, whichever
// side declares them; they are in the order of type and target, each once, without Field and Line.
type Described struct {
	Entity    Entity
	Relations []Relation
}

// Store keeps the catalog. What a refresh writes is seen by nobody before its Commit, and then all at once.
type Store interface {
	// Entity is the one of that reference, or ErrNotFound.
	Entity(ctx context.Context, ref Ref) (Entity, error)
	// ByKey gives at most limit entities under exactly that key, in the order of their references.
	ByKey(ctx context.Context, key Key, limit int) ([]Entity, error)
	// ByPrefix gives at most limit entities whose name, alias or title begins so, in the order of what begins so; kinds, if
	// any, restrict it.
	ByPrefix(ctx context.Context, prefix string, kinds []string, limit int) ([]Entity, error)
	// ByWords gives at most limit entities that have all of some words, and for each of some beginnings a word that begins
	// so; which of them, where there are more, is the store's choice. They are in the order of their references. Without any
	// words it gives nothing.
	ByWords(ctx context.Context, words, beginnings []string, limit int) ([]Entity, error)
	// Related gives the targets of ref's relations of that type, in the order of their references, each once.
	Related(ctx context.Context, ref Ref, relation RelationType) ([]Related, error)
	// Keys calls yield with every distinct key of that type, in order, until it returns false.
	Keys(ctx context.Context, keyType KeyType, yield func(key string) bool) error
	// Range gives at most limit entities whose references stand after one text and before another, in the order of their
	// references.
	Range(ctx context.Context, after, before string, limit int) ([]Described, error)
	// Describe gives those of the entities that exist, in the order of their references, each once.
	Describe(ctx context.Context, refs []Ref) ([]Described, error)
	// Refs calls yield with every entity's reference, in order, until it returns false.
	Refs(ctx context.Context, yield func(ref string) bool) error
	// Generation grows whenever the visible catalog changes. It is 0 before the first refresh.
	Generation(ctx context.Context) (int64, error)
	// CountByLocation counts the entities of each Source.Location.
	CountByLocation(ctx context.Context) (map[string]int, error)
	// Status tells about the last refresh.
	Status(ctx context.Context) (Status, error)
	// Problems are what the last refresh found, and Dangling the relations whose target does not exist, with the
	// entity that declares them.
	Problems(ctx context.Context) ([]Problem, error)
	Dangling(ctx context.Context, limit int) ([]Declared, error)
	// CountTargets calls yield with everything that relations of a canonical type lead to, each once, and how many do.
	CountTargets(ctx context.Context, relation RelationType, yield func(target string, relations int)) error
	// Upward calls yield with every relation childOf or partOf between two of one kind, with the entity that declares it, in
	// no order.
	Upward(ctx context.Context, yield func(Declared)) error
	// Miswritten gives the relations whose other end exists, under a name that differs in capital letters.
	Miswritten(ctx context.Context, limit int) ([]Miswritten, error)
	// Begin starts a refresh and takes away what an unfinished one left behind. Only one goes on at a time across all
	// processes: ErrRefreshing otherwise, until lease after the other's last sign of life.
	Begin(ctx context.Context, now time.Time, lease time.Duration) (Refresh, error)
}

// Status is the state of the catalog as a whole.
type Status struct {
	Generation  int64
	RefreshedAt time.Time // when a refresh last came to its end; zero before the first
	Entities    int
	Problems    int // those that show only when all entities are seen together included
}

// Refresh is one refresh under way. Every method but Commit and Close leaves what people see as it is; each transaction
// is short, so that a refresh holds up nobody. The methods return ErrRefreshing when another process has taken over.
type Refresh interface {
	// Stored is what the catalog holds now.
	Stored(ctx context.Context) (Stored, error)
	// KeysOf calls yield with the keys of one type that the catalog holds now, each with the reference of its entity.
	KeysOf(ctx context.Context, keyType KeyType, yield func(key, ref string)) error
	// Alive shows that the refresh goes on although nothing was written for a while; it may be called beside other methods.
	Alive(ctx context.Context) error
	// Put writes new or changed entities.
	Put(ctx context.Context, records []Record) error
	// Move notes where unchanged entities stand now.
	Move(ctx context.Context, places []Place) error
	// Remove takes entities away.
	Remove(ctx context.Context, refs []Ref) error
	// Forget drops what is known of files; it is called before what they gave changes.
	Forget(ctx context.Context, files []string) error
	// Commit makes all of it visible; problems replace those that were, unless keepProblems.
	Commit(ctx context.Context, at time.Time, problems []Problem, keepProblems bool) error
	// Remember notes files that were read wholly; it is called after Commit.
	Remember(ctx context.Context, files []FileState) error
	// CountTogether notes how many problems show only when all entities are seen together, for Status; it is called after
	// Commit.
	CountTogether(ctx context.Context, n int) error
	// Tidy takes away what nobody sees any more, after Commit; what it leaves the next Begin takes away.
	Tidy(ctx context.Context) error
	// Close ends the refresh. Without Commit nothing has changed.
	Close(ctx context.Context) error
}

// Stored is what a refresh compares with.
type Stored struct {
	Places   []Place
	Files    []FileState
	Problems []Problem
}

// Place is where a stored entity stands, and what it was made of.
type Place struct {
	Ref    string
	Hash   string
	Source Source
}

// FileState is a file, or a tree of them, that was read wholly: as long as Hash is the same, so is what it gives.
type FileState struct {
	File string
	Hash string
}

// Record is an entity to be stored.
type Record struct {
	Ref       Ref
	Document  []byte // JSON, for DecodeEntity
	Hash      string // of Document, Keys and Words
	Source    Source
	Relations []Relation // canonical, each once
	Keys      []Key      // each once
	Words     []string   // each once: what ByWords finds it by; of letters, digits and -_.:/+#= alone
}
