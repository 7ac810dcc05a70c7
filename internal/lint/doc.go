// Package lint finds CloudWatch Logs filter patterns in files and says what is
// wrong with them, before they are deployed.
//
// Terraform, CloudFormation and plain text are understood. A pattern is followed
// through heredocs, escapes, locals, defaults of variables and parameters and the
// simple functions, and every byte of it remembers where in the file it stands:
// a finding points at the offending part, not at the resource. What depends on
// something that the file does not say is left alone and reported as such.
//
// Reading is separate from judging: the readers make candidates of a file, and
// the judge knows nothing of files.
package lint
