"""What takes longer than a suite should: crashes, races and tampering in their full number (protocol section 8).

    make torture                                   all of them, an hour or so
    python -m tests.faults                         the list
    python -m tests.faults web-crash --runs 500    one of them

Each ends with a line of figures and exits with 1 where the bar was missed. The suite runs a short form of each.
"""
