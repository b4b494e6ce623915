// Package database keeps everything that must outlive the process: in one SQLite file by default, in PostgreSQL by URL.
// Stores, one file each per aggregate, satisfy ports that their consumers declare; their SQL stands in .sql files beside
// them. Moments are integers of Unix milliseconds.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/rs/zerolog"
)

// Dialect is which database speaks; queries that must differ are named for it.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database of either dialect, migrated to what this binary knows.
type DB struct {
	dialect Dialect
	path    string  // the SQLite file; empty for PostgreSQL
	writer  *sql.DB // one connection on SQLite
	turns   *turns  // for the writer on SQLite; nil on PostgreSQL
	// checkpoints copy SQLite's log; nil on PostgreSQL.
	checkpoints *checkpoints
	reader      *sql.DB // four query_only connections on SQLite, the writer's pool on PostgreSQL
	log         zerolog.Logger
	work        queries
	serving     *os.File // the lock that this process serves the SQLite file
}

// Open opens the database at url, "sqlite:PATH" or "postgres://…", and brings it up to date: an existing SQLite file is
// copied before it is migrated. A database made by a newer Bellhop is refused. Errors never hold a password.
func Open(ctx context.Context, url string, log zerolog.Logger) (*DB, error) {
	db, err := connect(ctx, url, log)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	files, err := ownMigrations()
	if err == nil {
		err = db.migrate(ctx, files)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("migrate database: %w", err), db.Close())
	}
	return db, nil
}

func connect(ctx context.Context, url string, log zerolog.Logger) (*DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, sqlitePath(rest), log)
	case "postgres", "postgresql":
		return openPostgres(ctx, url, log)
	}
	return nil, errors.New(`the database's URL must begin with "sqlite:" or "postgres://"`)
}

// Close closes all connections and gives up serving.
func (db *DB) Close() error {
	var err error
	if db.checkpoints != nil {
		err = db.checkpoints.close()
	}
	err = errors.Join(err, db.writer.Close())
	if db.reader != db.writer {
		err = errors.Join(err, db.reader.Close())
	}
	if db.serving != nil {
		err = errors.Join(err, db.serving.Close())
		db.serving = nil
	}
	return err
}

// Dialect is which database this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Path is the SQLite file; empty for PostgreSQL.
func (db *DB) Path() string { return db.path }

// Read is for queries that change nothing.
func (db *DB) Read() *sql.DB { return db.reader }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.reader.PingContext(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	var one int
	if err := db.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// Write runs change in one write transaction, which it commits unless change fails or panics. SQLite has one writer: keep
// it under 20 ms or 500 rows. On PostgreSQL change is run again after a serialization failure or a deadlock, so it must not
// have effects elsewhere.
func (db *DB) Write(ctx context.Context, change func(tx *sql.Tx) error) error {
	return db.write(ctx, false, change)
}

// write is Write; ack lets it go before others, since somebody waits for an ack.
func (db *DB) write(ctx context.Context, ack bool, change func(tx *sql.Tx) error) error {
	const tries = 5
	for try := 1; ; try++ {
		err := db.writeOnce(ctx, ack, change)
		if err == nil || try == tries || !worthAnotherTry(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(1+rand.IntN(10<<try)) * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (db *DB) writeOnce(ctx context.Context, ack bool, change func(tx *sql.Tx) error) error {
	if db.turns != nil {
		if err := db.turns.take(ctx, ack); err != nil {
			return fmt.Errorf("wait for the writer: %w", err)
		}
		defer db.turns.give()
	}
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback() // what went wrong before is what matters
		}
	}()
	if err := change(tx); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if db.checkpoints != nil {
		db.checkpoints.written()
	}
	return nil
}

// worthAnotherTry tells PostgreSQL's serialization_failure and deadlock_detected.
func worthAnotherTry(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

func openPostgres(ctx context.Context, url string, log zerolog.Logger) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the PostgreSQL URL cannot be read: it looks like postgres://user:password@host:5432/name?sslmode=require")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "bellhop"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second // of its own accord it waits for minutes
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(10)
	pool.SetMaxIdleConns(5)
	pool.SetConnMaxLifetime(time.Hour)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(unreachable(config, err), pool.Close())
	}
	return &DB{dialect: Postgres, writer: pool, reader: pool, log: log, work: parseQueries(Postgres, workSQL)}, nil
}

// unreachable says why PostgreSQL cannot be used, and what to do. The driver's own words are several lines, and about its
// tries.
func unreachable(config *pgx.ConnConfig, err error) error {
	at := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	var refused *pgconn.PgError
	var unknown *net.DNSError
	switch {
	case errors.As(err, &refused) && refused.Code == "3D000": // invalid_catalog_name
		return fmt.Errorf("PostgreSQL at %s has no database %q: create it, or name another in DATABASE_URL", at, config.Database)
	case errors.As(err, &refused) && strings.HasPrefix(refused.Code, "28"): // invalid_authorization_specification
		return fmt.Errorf("PostgreSQL at %s does not let in the user %q (%s): correct DATABASE_URL", at, config.User, refused.Message)
	case errors.As(err, &refused):
		return fmt.Errorf("PostgreSQL at %s refuses: %s (%s)", at, refused.Message, refused.Code)
	case errors.As(err, &unknown):
		return fmt.Errorf("there is no host %q: correct DATABASE_URL", config.Host)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return fmt.Errorf("nothing listens at %s: start PostgreSQL there, or correct DATABASE_URL", at)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), pgconn.Timeout(err):
		return fmt.Errorf("PostgreSQL at %s does not answer within %s: is it reachable from here, and is DATABASE_URL right?", at, config.ConnectTimeout)
	}
	return fmt.Errorf("reach PostgreSQL at %s: %w", at, err)
}
