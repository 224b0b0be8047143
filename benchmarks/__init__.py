"""What Naru does in a second, each figure beside its limit taken in the same run. Nothing here asserts a time."""
