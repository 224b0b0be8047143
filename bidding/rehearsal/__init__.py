"""Tenders driven through the running system without a browser: for the demonstration, the replay and the tests.

Everything goes through the same services as the pages do, and every bid is really sealed and signed; only the hands
are a program's.
"""
