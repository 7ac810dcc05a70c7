package cloudformation

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

// A Deployment is the accounts that get a stack of one template.
type Deployment struct {
	Number   int    // of the template, from 1
	Template string // name of its file
	Root     string // of the organization: r-...
	Accounts []string
}

// StackSet returns the accounts of a stack set, and a script with the commands that make it
// with service-managed permissions: a stack that fails ends the operation. The template is
// that of the list with Options.StackSet.
//
// Sources: AWS CLI, create-stack-set and create-stack-instances; CloudFormation, "Concurrency
// modes": with STRICT_FAILURE_TOLERANCE one account more is under way than may fail.
func StackSet(l desired.List, d Deployment) ([]export.File, error) {
	suffix := "-" + strconv.Itoa(d.Number)
	targets := export.File{Name: "targets" + suffix + ".json", Data: toJSON(dict{
		"AccountFilterType": "INTERSECTION", "Accounts": d.Accounts, "OrganizationalUnitIds": []any{d.Root},
	})}
	if err := export.Check(l, refuses); err != nil {
		return nil, err
	}
	name := "monitorctl" + suffix
	region := l.Home.Region
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("#!/bin/sh")
	line("# %s: a stack set for %d accounts, log group %s in %s", export.Mark, len(d.Accounts), l.LogGroup, region)
	line("#")
	line("# Run it in the management account, or with --call-as DELEGATED_ADMIN added to both commands.")
	line("# A stack set does not reach the management account. Automatic deployment to new accounts is off:")
	line("# it would ignore the preferences of operations below. A name that exists in an account makes its")
	line("# stack fail: accounts with conflicts are left out, and listed in accounts.json.")
	line("set -eu")
	line(`cd "$(dirname "$0")"`)
	parameters := []string{parameterValue(logGroup, shellword.Quote(l.LogGroup))}
	inputs := export.Inputs(l)
	for _, in := range inputs {
		variable := strings.ToUpper(in.Name())
		line(`: "${%s:?set it to the endpoint of subscriber %d}"`, variable, in.Number)
		parameters = append(parameters, parameterValue(inputName(&in), `"$`+variable+`"`))
	}
	for _, s := range l.Subscriptions {
		if s.Protocol == byMail && export.InputOf(inputs, s) == nil {
			parameters = append(parameters, parameterValue(email, shellword.Quote(s.Endpoint)))
			break
		}
	}
	for i, arn := range foreignTopics(l) {
		parameter := "TopicArn"
		if i > 0 {
			parameter += strconv.Itoa(i + 1)
		}
		parameters = append(parameters, parameterValue(parameter, shellword.Quote(arn)))
	}
	line("aws cloudformation create-stack-set --region %s --stack-set-name %s \\", region, name)
	line("  --template-body %s --permission-model SERVICE_MANAGED --auto-deployment Enabled=false \\", shellword.Quote("file://"+d.Template))
	line("  --parameters %s", strings.Join(parameters, " "))
	line("aws cloudformation create-stack-instances --region %s --stack-set-name %s --regions %s \\", region, name, region)
	line("  --deployment-targets file://%s \\", targets.Name)
	line("  --operation-preferences FailureToleranceCount=0,MaxConcurrentCount=1,ConcurrencyMode=STRICT_FAILURE_TOLERANCE")
	return []export.File{targets, {Name: "stack-set" + suffix + ".sh", Data: []byte(b.String())}}, nil
}

// byMail is the protocol of subscribers by mail.
const byMail = "email"

func parameterValue(key, value string) string {
	return "ParameterKey=" + key + ",ParameterValue=" + value
}

// foreignTopics are the topics of others that the alarms of a list notify, in the order of
// their parameters.
func foreignTopics(l desired.List) []string {
	w := &writer{list: l, topics: map[string]string{}, parameters: dict{}}
	for _, t := range l.Topics {
		w.topics[t.ARN] = t.Name
	}
	for _, a := range l.Alarms {
		for _, arn := range a.Alarm.AlarmActions {
			w.notified(arn)
		}
	}
	return w.foreign
}
