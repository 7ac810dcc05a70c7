package cmd

import (
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/run"
)

// addEngine adds the flags that say who reads the files of a replay.
func addEngine(fl *pflag.FlagSet, f *run.EngineRequest) {
	fl.StringVar(&f.Engine, "engine", "auto", "who reads the files: local, athena, trino; auto: local, and the engine that is named beyond --local-limit")
	fl.StringVar(&f.Workgroup, "workgroup", "", "of Athena; by default primary")
	fl.StringVar(&f.Database, "database", "", "of Athena, where the table is")
	fl.StringVar(&f.Output, "output-location", "", "s3://BUCKET/PREFIX for Athena's results; by default the workgroup's")
	fl.StringVar(&f.KMSKey, "output-kms-key", "", "KMS key for Athena's results")
	fl.StringVar(&f.TrinoURL, "trino", "", "https://HOST:PORT of a Trino server; user and credentials come from TRINO_USER, TRINO_PASSWORD or TRINO_TOKEN")
	fl.StringVar(&f.TrinoCatalog, "trino-catalog", "hive", "of Trino, with the Hive connector")
	fl.StringVar(&f.TrinoSchema, "trino-schema", "", "of Trino, where the table is")
	fl.StringVar(&f.Table, "table", "", "an existing table, as --sql prints it, in place of one of its own")
	fl.StringVar(&f.Location, "engine-location", "", "where the engine finds LOCATION, if it has another name for it")
	fl.BoolVar(&f.SQL, "sql", false, "print the statements for the engine and ask it nothing")
	fl.BoolVar(&f.DryRun, "dry-run", false, "like --sql, with what the statement would read and cost")
	fl.BoolVar(&f.DropTable, "drop-table", false, "remove the table again that was created")
	fl.Int64Var(&f.MaxBytes, "max-bytes", 100<<30, "bytes, packed, that an engine may read")
	fl.Int64Var(&f.LocalLimit, "local-limit", 200, "GB, packed, up to which auto reads the files itself")
	fl.IntVar(&f.Slice, "slice", 0, "days of one statement; 0: all, or 7 where there are very many partitions")
}
