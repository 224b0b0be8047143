"""Acts on the registry. No Flask, no clock: who acts and when are handed in; the caller commits."""
