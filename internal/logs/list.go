package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/files"
)

// An Object is a file that may be read.
type Object struct {
	Name  string // the path as asked for and found, or s3://BUCKET/KEY
	Key   Key    // zero unless Named
	Named bool   // CloudTrail gave it its name
	Size  int64  // bytes, packed; 0 when it is not known

	// Open opens the object. Reading ends with the context.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// A Listing is what was found in the places asked for.
type Listing struct {
	Objects    []Object
	Skipped    Skipped
	Unreadable []Unreadable // what could not be listed
}

// Skipped counts what was found and is not to be read.
type Skipped struct {
	Digest  int // digest files, which hold no events
	Insight int // Insights events, and other kinds beside the trail's
	Other   int // names that CloudTrail does not give
	Days    int // delivered outside of the days asked for
}

// Unreadable is an object that was not read in full.
type Unreadable struct {
	Name  string
	Cause string // one line
}

// Days are the days whose objects are read, by the time of delivery. Zero times are
// no bounds.
type Days struct{ From, To time.Time }

// late is how long after an event its record is looked for: CloudTrail puts records
// into the file of the day that it delivers them on.
const late = 24 * time.Hour

// DaysOf returns the days on which records of the events between two times may have
// been delivered: up to one day later.
func DaysOf(from, to time.Time) Days {
	d := Days{From: from.UTC().Truncate(late)}
	if from.IsZero() {
		d.From = from
	}
	if !to.IsZero() {
		d.To = to.UTC().Truncate(late).Add(2 * late)
	}
	return d
}

func (d Days) include(at time.Time) bool {
	return (d.From.IsZero() || !at.Before(d.From)) && (d.To.IsZero() || at.Before(d.To))
}

// Add adds an object whose name tells what it is: to what is read, or to what is
// skipped.
func (l *Listing) Add(o Object, days Days) {
	o.Key, o.Named = ParseKey(filepath.ToSlash(o.Name))
	switch {
	case !o.Named:
		l.Skipped.Other++
	case o.Key.Kind == Digest:
		l.Skipped.Digest++
	case o.Key.Kind != Records:
		l.Skipped.Insight++
	case !days.include(o.Key.Delivered):
		l.Skipped.Days++
	default:
		l.Objects = append(l.Objects, o)
	}
}

// Once leaves out objects that are there twice, as where a directory and one in it were
// both asked for, and sorts them by name.
func (l *Listing) Once() {
	slices.SortStableFunc(l.Objects, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
	l.Objects = slices.CompactFunc(l.Objects, func(a, b Object) bool { return a.Name == b.Name })
}

// List finds the files of a place: a file, which is read whatever its name, or a
// directory with everything below it, where names decide. Symbolic links below it
// are not followed. The error says that the place itself is not there; what is
// wrong below it is in the listing.
func (l *Listing) List(ctx context.Context, place string, days Days) error {
	info, err := os.Stat(place) //nolint:gosec // a path of the user's
	if err != nil {
		return fmt.Errorf("reading logs: %w", err)
	}
	if !info.IsDir() {
		o := file(place, info)
		o.Key, o.Named = ParseKey(filepath.ToSlash(place))
		l.Objects = append(l.Objects, o)
		return nil
	}
	return filepath.WalkDir(place, func(path string, d fs.DirEntry, err error) error { //nolint:gosec // likewise
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			l.Unreadable = append(l.Unreadable, Unreadable{path, cause(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			l.Unreadable = append(l.Unreadable, Unreadable{path, cause(err)})
			return nil
		}
		l.Add(file(path, info), days)
		return nil
	})
}

func file(path string, info fs.FileInfo) Object {
	o := Object{Name: filepath.Clean(path), Open: func(ctx context.Context) (io.ReadCloser, error) { return files.Open(ctx, path) }}
	if info.Mode().IsRegular() {
		o.Size = info.Size()
	}
	return o
}

// cause is an error on one line, without the path that is named beside it.
func cause(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
