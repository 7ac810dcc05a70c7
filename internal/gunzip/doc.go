// Package gunzip unpacks gzip files (RFC 1952, RFC 1951) faster than general libraries
// do: it has the whole history of a member in one buffer that it writes into, and looks
// at no more than one table for most of what it reads. Log files are unpacked more than
// anything else is done with them, which is what the speed of a replay depends on.
//
// It gives exactly what compress/gzip gives, and fails where that fails; what was
// unpacked before an error is handed out first. A fuzz test holds the two against each
// other. The checksum and the length at the end of each member are compared with what
// was unpacked, so that a mistake here could not pass for a file's content.
package gunzip
