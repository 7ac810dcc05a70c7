// Package lint says what is wrong with CloudWatch Logs filter patterns in files,
// before they are deployed, and what they do for controls.
//
// The readers below internal/iac find the patterns, each with the place of every
// byte: a finding points at the offending part, not at the resource. What depends
// on something that the files do not say is a hole; what is known around it is
// judged, and a pattern with an unknown text is reported as not checked. The
// judge knows nothing of files: a text gets one answer, wherever it stands.
package lint
