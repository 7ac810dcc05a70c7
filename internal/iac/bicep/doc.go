// Package bicep reads the resources of Bicep files, as far as a file says them.
//
// Parameters stand for their defaults, variables for their values, and texts are put
// together of them. Other expressions are unknown in the words of the file: calls of
// functions, members of resources, what a loop runs over.
//
// A module in a local file is read with the parameters that it is given. One in a loop is
// read once, and what runs in the loop is unknown in it; modules of registries are left
// out.
package bicep
