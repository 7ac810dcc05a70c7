package cmd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/monitorctl/monitorctl/internal/azuretest"
)

// azureHosts are where the public Azure is asked, and where it gives out tokens.
var azureHosts = []string{"management.azure.com", "login.microsoftonline.com"}

// proxyAzure serves the script's Azure under the names of the public one, behind a proxy
// that every HTTPS request goes through: nothing leaves the machine, whatever host it is
// for.
func proxyAzure(ts *testscript.TestScript, c *azuretest.Cloud) {
	certificate, text := azureCertificate(ts)
	server := httptest.NewUnstartedServer(c)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	ts.Defer(server.Close)
	proxy := httptest.NewServer(connectTo(server.Listener.Addr().String()))
	ts.Defer(proxy.Close)
	path := filepath.Join(ts.Getenv("WORK"), "azure.pem")
	ts.Check(os.WriteFile(path, text, 0o600))
	for name, value := range map[string]string{
		"SSL_CERT_FILE": path, "HTTPS_PROXY": proxy.URL, "NO_PROXY": "", "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": "",
		"AZURE_TENANT_ID": azureTenant, "AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		ts.Setenv(name, value)
	}
}

// azureCertificate makes a certificate for the hosts of Azure, with its text.
func azureCertificate(ts *testscript.TestScript) (tls.Certificate, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: azureHosts, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// connectTo is a proxy that connects to one address, whichever is asked for.
func connectTo(address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT is known here", http.StatusMethodNotAllowed)
			return
		}
		to, err := net.Dial("tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer to.Close()
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer from.Close()
		_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
		done := make(chan struct{}, 2)
		for _, way := range []struct{ to, from net.Conn }{{to, from}, {from, to}} {
			go func() { _, _ = io.Copy(way.to, way.from); done <- struct{}{} }()
		}
		<-done
	})
}
