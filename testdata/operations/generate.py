"""Writes the operation names of the services that the catalog names.

    python3 -m pip install botocore==1.43.11
    python3 testdata/operations/generate.py

One file per service, one name per line, after a header with botocore's version
and the event sources that the service logs under. The version is the one
installed with moto 5.2.1, the emulator of the conformance test. A test of
internal/catalog checks the catalog's event names against these files; names
that are CloudTrail's alone stand in cloudtrail-only.txt, which is written by
hand.
"""

import pathlib
import sys

import botocore
import botocore.session

VERSION = "1.43.11"

# Service of botocore: the event sources that CloudTrail gives its operations.
SERVICES = {
    "cloudtrail": ["cloudtrail.amazonaws.com"],
    "config": ["config.amazonaws.com"],
    "ec2": ["ec2.amazonaws.com"],
    "guardduty": ["guardduty.amazonaws.com"],
    "iam": ["iam.amazonaws.com"],
    "kms": ["kms.amazonaws.com"],
    "organizations": ["organizations.amazonaws.com"],
    "s3": ["s3.amazonaws.com", "s3express.amazonaws.com"],
    "s3control": ["s3.amazonaws.com"],
    "securityhub": ["securityhub.amazonaws.com"],
    "sts": ["sts.amazonaws.com"],
}


def main():
    if botocore.__version__ != VERSION:
        sys.exit(f"botocore is {botocore.__version__}, not {VERSION}")
    folder = pathlib.Path(__file__).parent
    session = botocore.session.get_session()
    for service, sources in SERVICES.items():
        model = session.get_service_model(service)
        lines = [
            f"# {service} {model.api_version}: operations of botocore {VERSION}, written by generate.py",
            f"# event sources: {' '.join(sources)}",
            *sorted(model.operation_names),
        ]
        (folder / f"{service}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
