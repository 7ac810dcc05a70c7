// Package files reads and writes every file that the program is given the name
// of.
//
// A path comes from a command line, and what stands there need not be a regular
// file: /dev/null, a FIFO, the /dev/fd/63 of a shell's >(command), a symbolic
// link. Such things are opened and used as what they are; only a regular file is
// replaced. What is read is bounded, and whatever can block ends with a context.
package files
