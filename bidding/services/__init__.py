"""What people and the clock do to tenders and bids: one function, one transaction, opened by the caller."""
