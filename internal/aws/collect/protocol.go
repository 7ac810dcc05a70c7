package collect

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
)

// isAWSEndpoint reports whether a URL names AWS itself, for instance through a
// VPC endpoint, and not an emulator.
func isAWSEndpoint(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && isAWSHost(u.Hostname())
}

func isAWSHost(host string) bool {
	for _, suffix := range []string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"} {
		if strings.HasSuffix(strings.ToLower(host), suffix) {
			return true
		}
	}
	return false
}

// A Protocol is a wire protocol of CloudWatch.
type Protocol string

// The protocols that CloudWatch speaks.
const (
	CBOR  Protocol = "cbor"  // Smithy RPC v2, the SDK's default
	JSON  Protocol = "json"  // AWS JSON 1.0
	Query Protocol = "query" // AWS Query
)

// ProtocolVariable is the environment variable that overrides the choice of
// CloudWatch's protocol.
const ProtocolVariable = "MONITORCTL_CLOUDWATCH_PROTOCOL"

func (p Protocol) check() error {
	switch p {
	case "", CBOR, JSON, Query:
		return nil
	}
	return fmt.Errorf("CloudWatch protocol %q: expected cbor, json or query", string(p))
}

// protocolFor decides how CloudWatch is spoken to at an endpoint; "" is AWS.
func (c Config) protocolFor(endpoint string) Protocol {
	if p := Protocol(os.Getenv(ProtocolVariable)); p != "" {
		return p
	}
	switch {
	case c.Protocol != "":
		return c.Protocol
	case endpoint == "" || isAWSEndpoint(endpoint):
		return CBOR
	}
	return JSON
}

// setProtocol makes a CloudWatch client speak the protocol. CBOR is what it
// speaks anyway.
func setProtocol(o *cloudwatch.Options, p Protocol) {
	switch p {
	case JSON:
		o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
	case Query:
		o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801)
	}
}
