"""Writes others.txt: operations of services that the list of events leaves out
and that look like a misspelling of an event on the list; and shared.txt: events
on the list that are operations of services that it leaves out, too.

    python3 -m pip install botocore==1.43.11
    python3 internal/cloudtrail/eventnames/generate.py

A name that stands in neither list belongs to the service that the list says.
UpdateTrial is an operation of SageMaker: where a pattern names no event source,
it is no misspelling of UpdateTrail. The distance is that of distance.go.
"""

import pathlib
import sys

import botocore
import botocore.session

VERSION = "1.43.11"

# The services whose operations are in names.txt (testdata/operations).
LISTED = {"cloudtrail", "config", "ec2", "guardduty", "iam", "kms", "organizations", "s3", "s3control", "securityhub", "sts"}

LIMIT = 2  # nearLimit of check.go


def distance(a, b):
    if abs(len(a) - len(b)) > LIMIT:
        return LIMIT + 1
    above2, above = None, list(range(len(b) + 1))
    for i, x in enumerate(a):
        row = [i + 1]
        for j, y in enumerate(b):
            changes = min(above[j] + (x != y), above[j + 1] + 1, row[j] + 1)
            if i and j and x == b[j - 1] and a[i - 1] == y:
                changes = min(changes, above2[j - 1] + 1)
            row.append(changes)
        if min(row) > LIMIT:
            return LIMIT + 1
        above2, above = above, row
    return above[-1]


def looks_like(name, lowered):
    # Two changes touch four letters at most, so that far fewer need a closer look.
    letters = set(name)
    return any(
        abs(len(name) - len(other)) <= LIMIT and len(letters ^ set(other)) <= 2 * LIMIT and distance(name, other) <= LIMIT
        for other in lowered
    )


def names(file):
    lines = file.read_text().splitlines()
    return {line.split()[1] for line in lines if line and not line.startswith("#")}


def write(file, title, found):
    lines = [title, f"# operations of botocore {VERSION}, written by generate.py", *sorted(found)]
    file.write_text("\n".join(lines) + "\n")


def main():
    if botocore.__version__ != VERSION:
        sys.exit(f"botocore is {botocore.__version__}, not {VERSION}")
    folder = pathlib.Path(__file__).parent
    listed = names(folder / "names.txt") | names(folder / "services.txt")
    lowered = {name.lower() for name in listed}
    session = botocore.session.get_session()
    operations, elsewhere = set(), set()
    for service in session.get_available_services():
        found = session.get_service_model(service).operation_names
        operations.update(found)
        if service not in LISTED:
            elsewhere.update(found)
    near = {name for name in operations - listed if looks_like(name.lower(), lowered)}
    write(folder / "others.txt", "# Operations of other services that look like an event of names.txt:", near)
    write(folder / "shared.txt", "# Events of names.txt and services.txt that other services have, too:", listed & elsewhere)


if __name__ == "__main__":
    main()
