"""One machine without stores of its own: launchers for PostgreSQL and Valkey, and the supervisor behind `make run`.

The web never imports it: production uses DATABASE_URL and REDIS_URL.
"""
