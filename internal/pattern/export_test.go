package pattern

// ReadRecords is for tests that import packages which import this one.
var ReadRecords = readRecords
