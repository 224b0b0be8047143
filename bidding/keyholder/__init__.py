"""The keyholder (release service): a program of its own, with its own store, key and clock, and one endpoint.

It makes a key for each tender, seals its contribution to the draw, and gives the pieces of frozen bids once the log
shows that the list is closed and the opening time has come. It never gives a private key, and never anything before
`checks.check_release` has passed. The application talks to it through `client`; nothing else of it is imported there.
"""
