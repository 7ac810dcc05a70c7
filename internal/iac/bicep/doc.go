// Package bicep reads the resources of Bicep files, as far as a file says them.
//
// Parameters stand for their defaults, variables for their values, and texts are put
// together of them. Other expressions are unknown in the words of the file: calls of
// functions, members of resources, what a loop runs over. Modules are not followed.
package bicep
