// Package plan computes what apply would do to an account, and what would come of
// it. It does no I/O and reads no clock.
package plan
