// Package terraform reads Terraform, OpenTofu and Terragrunt: modules as they
// are evaluated, values files, plans and states.
//
// A directory is a module: its locals, variables with their defaults and its
// values files belong together, and calls of modules by a local path are
// followed. Expressions are evaluated by the HCL library itself, over what is
// known. Three things are added to it, all by replacing nodes of its tree:
//
//   - Every literal text carries a mark of the values library that says where it
//     stands. Marks go through templates, collections and functions; locate
//     finds the bytes of a result among them.
//   - What is not known (an attribute of a resource, a variable without default)
//     is a hole: one private character, which goes through templates and
//     functions like any other.
//   - A condition that depends on an input is a decision. A session evaluates
//     under one choice of decisions; a pattern is evaluated in several sessions,
//     so that both outcomes are seen. Where an outcome contradicts a variable's
//     default, that variable is a hole.
//
// Texts of a file that no resource uses are looked at by their shape.
package terraform
