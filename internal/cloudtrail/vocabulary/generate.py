"""Writes sources.txt: the event sources that AWS's services have by rule.

    python3 -m pip install botocore==1.43.11
    python3 internal/cloudtrail/vocabulary/generate.py

The event source is the service's short name as it stands in its endpoint or in
its signatures, with amazonaws.com behind it.
"""

import pathlib
import sys

import botocore
import botocore.session

VERSION = "1.43.11"


def main():
    if botocore.__version__ != VERSION:
        sys.exit(f"botocore is {botocore.__version__}, not {VERSION}")
    names = set()
    loader = botocore.session.get_session().get_component("data_loader")
    for service in loader.list_available_services("service-2"):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        names.update(metadata.get(key, "") for key in ("endpointPrefix", "signingName"))
    lines = [
        "# Event sources by the endpoints and signing names of the services of botocore",
        f"# {VERSION}, written by generate.py",
    ]
    lines += sorted(name for name in names if name and "." not in name)
    pathlib.Path(__file__).with_name("sources.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
