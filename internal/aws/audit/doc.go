// Package audit judges a snapshot: would a person be told if a required event
// happened now? It does no I/O and reads no clock.
package audit
