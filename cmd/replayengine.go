package cmd

import (
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/run"
)

// addEngine adds the flags that say who reads the files of a replay.
func addEngine(fl *pflag.FlagSet, f *run.EngineRequest) {
	fl.StringVar(&f.Engine, "engine", "auto", "what reads the files: local, athena or trino; auto: local up to --local-limit, above that the configured engine")
	fl.StringVar(&f.Workgroup, "workgroup", "", "the Athena workgroup; by default primary")
	fl.StringVar(&f.Database, "database", "", "the Athena database that holds the table")
	fl.StringVar(&f.Output, "output-location", "", "s3://BUCKET/PREFIX for Athena's results; by default the workgroup's")
	fl.StringVar(&f.KMSKey, "output-kms-key", "", "KMS key for Athena's results")
	fl.StringVar(&f.TrinoURL, "trino", "", "URL of a Trino server, https://HOST:PORT; user and credentials come from TRINO_USER, TRINO_PASSWORD or TRINO_TOKEN")
	fl.StringVar(&f.TrinoCatalog, "trino-catalog", "hive", "the Trino catalog that uses the Hive connector")
	fl.StringVar(&f.TrinoSchema, "trino-schema", "", "the Trino schema that holds the table")
	fl.StringVar(&f.Table, "table", "", "use this existing table: one as --sql prints it, or the one that AWS documents for CloudTrail")
	fl.StringVar(&f.Location, "engine-location", "", "the engine's own name for LOCATION, if it differs")
	fl.BoolVar(&f.SQL, "sql", false, "print the statements for the engine and run nothing")
	fl.BoolVar(&f.DryRun, "dry-run", false, "like --sql, and show what the statement would read and cost")
	fl.BoolVar(&f.DropTable, "drop-table", false, "drop the created table at the end")
	fl.Int64Var(&f.MaxBytes, "max-bytes", 100<<30, "compressed bytes that an engine may read")
	fl.Int64Var(&f.LocalLimit, "local-limit", 200, "compressed GB up to which auto reads the files itself")
	fl.IntVar(&f.Slice, "slice", 0, "days per statement; 0: all, or 7 if there are very many partitions")
}
