package logs

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// A Sink takes the messages of objects, one object after the other. Each worker of
// Each has a sink of its own.
type Sink interface {
	// Begin is called before the first message of an object.
	Begin(o *Object)

	// Message takes one message, which is its own only until it returns. An error
	// ends the object, which is unreadable then, but nothing else.
	Message(m *Message) error
}

// Totals are what Each has read.
type Totals struct {
	Objects    int
	Packed     int64 // bytes, as far as known
	Unreadable []Unreadable
	Stats
}

// Each reads objects with as many workers as there are sinks, each by a reader of its
// own, and calls done behind each object with the number of those that are done.
// Objects that cannot be read are told, and the rest goes on. Which worker reads
// which object is not defined. When ctx ends, Each returns its cause and what was
// read so far.
func Each(ctx context.Context, objects []Object, newReader func() *Reader, sinks []Sink, done func(n int, t Totals)) (Totals, error) {
	var mu sync.Mutex
	var total Totals
	next := 0
	take := func() *Object {
		mu.Lock()
		defer mu.Unlock()
		if next == len(objects) {
			return nil
		}
		next++
		return &objects[next-1]
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, sink := range sinks {
		g.Go(func() error {
			r := newReader()
			for o := take(); o != nil; o = take() {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				stats, err := r.readObject(ctx, o, sink)
				mu.Lock()
				total.Objects++
				total.Packed += o.Size
				total.Stats.add(stats)
				if err != nil && ctx.Err() == nil {
					total.Unreadable = append(total.Unreadable, Unreadable{o.Name, cause(err)})
				}
				if done != nil {
					done(total.Objects, total)
				}
				mu.Unlock()
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
			}
			return nil
		})
	}
	err := g.Wait()
	slices.SortFunc(total.Unreadable, func(a, b Unreadable) int { return strings.Compare(a.Name, b.Name) })
	return total, err
}

func (s *Stats) add(o Stats) {
	s.Messages += o.Messages
	s.Oversize += o.Oversize
	s.Unpacked += o.Unpacked
}

// readObject reads one object into a sink.
func (r *Reader) readObject(ctx context.Context, o *Object, sink Sink) (Stats, error) {
	in, err := o.Open(ctx)
	if err != nil {
		return Stats{}, err
	}
	defer in.Close()
	r.o.Format = Auto
	if o.Named {
		r.o.Format = CloudTrail
	}
	sink.Begin(o)
	return r.Read(in, sink.Message)
}
