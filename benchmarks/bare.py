"""The limit of a submission: Flask and psycopg, one INSERT of 2 kB and its commit, nothing else."""

from __future__ import annotations

import os
import threading

import psycopg
from flask import Flask, request

SIZE = 2048
app = Flask(__name__)
held = threading.local()


def connection() -> psycopg.Connection[tuple[object, ...]]:
    if not hasattr(held, "connection"):
        held.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1)
    one: psycopg.Connection[tuple[object, ...]] = held.connection
    return one


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/bare")
def insert() -> tuple[dict[str, bool], int]:
    connection().execute("INSERT INTO bare (body) VALUES (%s)", [request.get_data()[:SIZE]])
    return {"is_new": True}, 201
