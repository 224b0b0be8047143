"""The kernel: database, identity, audit, jobs, errors, documents.

Knows nothing of tenders or bids. The features (suppliers, bidding, contracts) import it; it imports none of them:
what it needs from them they leave in its registries when `init_app` runs.
"""
