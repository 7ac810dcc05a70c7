package athena

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	createTable = regexp.MustCompile("(?s)^CREATE EXTERNAL TABLE IF NOT EXISTS `(\\w+)`\\.`(\\w+)` \\((.*?)\\)\\s+PARTITIONED BY \\((.*?)\\)\\s+" +
		`ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' STORED AS TEXTFILE LOCATION '([^']*)'\s+TBLPROPERTIES \((.*)\)$`)
	dropTable = regexp.MustCompile("^DROP TABLE IF EXISTS `(\\w+)`\\.`(\\w+)`$")
	property  = regexp.MustCompile(`'([^']*)'\s*=\s*'([^']*)'`)
)

// Rewrite says in Trino's language what a statement in Hive's says: a table of texts with
// projected partitions, or that it goes. Everything else is an error, as with Athena.
func Rewrite(sql string) (string, error) {
	if m := dropTable.FindStringSubmatch(sql); m != nil {
		return fmt.Sprintf(`DROP TABLE IF EXISTS "%s"."%s"`, m[1], m[2]), nil
	}
	m := createTable.FindStringSubmatch(sql)
	if m == nil {
		return "", fmt.Errorf("FAILED: ParseException: %.200s", sql)
	}
	properties := map[string]string{}
	for _, p := range property.FindAllStringSubmatch(m[6], -1) {
		properties[p[1]] = p[2]
	}
	if properties["projection.enabled"] != "true" {
		return "", fmt.Errorf("FAILED: projection is not enabled: no partition would be read")
	}
	var columns, partitions []string
	for _, c := range strings.Split(m[3], ",") {
		columns = append(columns, varchar(c, nil))
	}
	for _, c := range strings.Split(m[4], ",") {
		name, _, _ := strings.Cut(strings.TrimSpace(c), " ")
		partitions = append(partitions, "'"+name+"'")
		columns = append(columns, varchar(c, projection(name, properties)))
	}
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS "%s"."%s" (%s) WITH (format = 'TEXTFILE', external_location = '%s', partitioned_by = ARRAY[%s], partition_projection_enabled = true, partition_projection_location_template = '%s')`,
		m[1], m[2], strings.Join(columns, ", "), m[5], strings.Join(partitions, ", "), properties["storage.location.template"]), nil
}

func varchar(column string, properties []string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(column), " ")
	if properties == nil {
		return name + " varchar"
	}
	return name + " varchar WITH (" + strings.Join(properties, ", ") + ")"
}

// projection lists the properties of a projected column.
func projection(column string, all map[string]string) []string {
	var list []string
	for _, p := range []struct{ hive, trino, form string }{
		{"type", "partition_projection_type", "'%s'"}, {"values", "partition_projection_values", "ARRAY[%s]"}, {"format", "partition_projection_format", "'%s'"},
		{"range", "partition_projection_range", "ARRAY[%s]"}, {"interval", "partition_projection_interval", "%s"}, {"interval.unit", "partition_projection_interval_unit", "'%s'"},
	} {
		v, ok := all["projection."+column+"."+p.hive]
		if !ok {
			continue
		}
		if p.form == "ARRAY[%s]" {
			v = "'" + strings.ReplaceAll(v, ",", "', '") + "'"
		}
		list = append(list, p.trino+" = "+fmt.Sprintf(p.form, v))
	}
	return list
}
