"""The web edge: logging, headers, CSRF, limits, error pages, health."""
