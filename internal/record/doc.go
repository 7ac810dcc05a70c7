// Package record holds what every language that speaks of log records has in
// common: the values of JSON as a condition sees them (Value), paths to them
// (Path), numbers with their exact value (Decimal), and records in the making
// (Node).
//
// CloudWatch Logs is a Java program. JavaText is the text that it sees in place
// of a number, JavaValue the value; both were observed at the service.
//
// The package imports the standard library only.
package record
