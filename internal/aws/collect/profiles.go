package collect

import (
	"cmp"
	"errors"
	"os"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

var (
	configSection      = regexp.MustCompile(`(?m)^[ \t]*\[[ \t]*(?:profile[ \t]+([^\]\r\n]+?)|(default))[ \t]*\]`)
	credentialsSection = regexp.MustCompile(`(?m)^[ \t]*\[[ \t]*([^\]\r\n]+?)[ \t]*\]`)
)

// profile returns the name of the profile that is asked for; "" for the default.
func (c Config) profile() string { return cmp.Or(c.Profile, os.Getenv("AWS_PROFILE")) }

// unknownProfile says which profile was meant when there is none of that name.
func (c Config) unknownProfile(err error) error {
	var missing config.SharedConfigProfileNotExistError
	if name := c.profile(); errors.As(err, &missing) && missing.Profile == name {
		return spelling.Unknown("profile", name, Profiles())
	}
	return configReason(err)
}

// maxSharedConfig bounds a file of the shared configuration in bytes.
const maxSharedConfig = 4 << 20

// Profiles returns the names of the profiles of the shared AWS configuration,
// sorted. A file that cannot be read has none. The SDK reads single profiles
// only; this is for suggestions.
func Profiles() []string {
	var names []string
	for _, f := range []struct {
		variable, usual string
		section         *regexp.Regexp
	}{
		{"AWS_CONFIG_FILE", config.DefaultSharedConfigFilename(), configSection},
		{"AWS_SHARED_CREDENTIALS_FILE", config.DefaultSharedCredentialsFilename(), credentialsSection},
	} {
		text, err := files.ReadRegular(cmp.Or(os.Getenv(f.variable), f.usual), maxSharedConfig)
		if err != nil {
			continue
		}
		for _, m := range f.section.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[len(m)-1])
			if m[1] != "" {
				names[len(names)-1] = m[1]
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
