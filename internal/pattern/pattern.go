// Package pattern understands CloudWatch Logs filter patterns.
package pattern
